import type { Sql } from '#shared/database'
import type { FinalStatus } from './frames.ts'

export type Source = 'person' | 'command' | 'model' | 'notice'
export type MessageStatus = FinalStatus | 'streaming'

export interface MessageRow {
  id: string
  role: 'person' | 'assistant'
  source: Source
  status: MessageStatus
  content: string
  /** The last delta that `content` holds. */
  seq: number
  failure: string | null
  clientMessageId: string | null
  replyTo: string | null
  createdAt: Date
  finishedAt: Date | null
}

/** Messages that a reader gets at most; a conversation this long is better begun anew. */
export const MAX_MESSAGES = 500

/** The latest messages of a conversation, oldest first. */
export function messagesOf (sql: Sql, sessionId: string, limit = MAX_MESSAGES) {
  return sql<MessageRow[]>`
    select *
    from (
      select
        id,
        role,
        source,
        status,
        content,
        seq,
        failure,
        client_message_id as "clientMessageId",
        reply_to as "replyTo",
        created_at as "createdAt",
        finished_at as "finishedAt"
      from chat.chat_messages
      where org_id = (select app.org_id())
      and session_id = ${sessionId}
      order by id desc
      limit ${limit}
    ) as latest
    order by id`
}

/** Which conversation a message belongs to and whether it is still written; nothing where it is not the person's. */
export function answerById (sql: Sql, id: string) {
  return sql<Array<{ sessionId: string, status: MessageStatus }>>`
    select
      message.session_id as "sessionId",
      message.status
    from chat.chat_messages as message
    join chat.chat_sessions as session on session.id = message.session_id
    where message.id = ${id}
    and message.role = 'assistant'
    and session.deleted_at is null`
}

/** Nothing comes back where this client message is there already, or the conversation is not (or no longer) the person's. */
export function insertPersonMessage (sql: Sql, sessionId: string, clientMessageId: string, text: string) {
  return sql<Array<{ id: string }>>`
    insert into chat.chat_messages (org_id, person_id, session_id, role, source, status, content, client_message_id, finished_at)
    select org_id, person_id, id, 'person', 'person', 'done', ${text}, ${clientMessageId}, now()
    from chat.chat_sessions
    where id = ${sessionId}
    and deleted_at is null
    on conflict (org_id, person_id, session_id, client_message_id) do nothing
    returning id`
}

export function messageByClientId (sql: Sql, sessionId: string, clientMessageId: string) {
  return sql<Array<{ id: string, content: string, answer: string }>>`
    select
      message.id,
      message.content,
      answer.id as answer
    from chat.chat_messages as message
    join chat.chat_messages as answer
      on answer.org_id = message.org_id
      and answer.session_id = message.session_id
      and answer.reply_to = message.id
    join chat.chat_sessions as session on session.id = message.session_id
    where message.org_id = (select app.org_id())
    and message.session_id = ${sessionId}
    and message.client_message_id = ${clientMessageId}
    and session.deleted_at is null`
}
