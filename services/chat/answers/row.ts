/**
 * The row of an answer while it is written. Whoever writes holds a lease: `keepAnswer` and `finishAnswer` change nothing
 * (and say so by answering no row) once another process has ended the answer, so a writer that was away cannot undo that.
 */
import type { Sql } from '#shared/database'
import type { FinalStatus } from '../frames.ts'
import type { Source } from '../messages.ts'

const lease = (sql: Sql) => sql`now() + interval '15 seconds'`

export function beginAnswer (sql: Sql, sessionId: string, replyTo: string, source: Source) {
  return sql<Array<{ id: string }>>`
    insert into chat.chat_messages (org_id, person_id, session_id, role, source, status, reply_to, leased_until)
    values ((select app.org_id()), (select app.person_id()), ${sessionId}, 'assistant', ${source}, 'streaming', ${replyTo}, ${lease(sql)})
    returning id`
}

export function keepAnswer (sql: Sql, id: string, content: string, seq: number) {
  return sql<Array<{ id: string }>>`
    update chat.chat_messages
    set content = ${content},
      seq = ${seq},
      leased_until = ${lease(sql)}
    where id = ${id}
    and status = 'streaming'
    returning id`
}

export interface Ending {
  content: string
  seq: number
  status: FinalStatus
  failure: string | null
  source: Source
}

export function finishAnswer (sql: Sql, id: string, { content, seq, status, failure, source }: Ending) {
  return sql<Array<{ id: string }>>`
    update chat.chat_messages
    set content = ${content},
      seq = ${seq},
      status = ${status},
      failure = ${failure},
      source = ${source},
      leased_until = null,
      finished_at = now()
    where id = ${id}
    and status = 'streaming'
    returning id`
}

/** What a dead process left of an answer. */
export function leftOf (sql: Sql, id: string) {
  return sql<Array<{ content: string, seq: number, source: Source }>>`
    select
      content,
      seq,
      source
    from chat.chat_messages
    where id = ${id}
    and status = 'streaming'`
}

/** Ids of answers whose writer is gone; they are ours for 15 seconds. Called without a scope. */
export function claimAbandoned (sql: Sql, batch: number) {
  return sql<Array<{ message: string, organisation: string, person: string }>>`
    select
      message_id as message,
      org_id as organisation,
      person_id as person
    from chat.claim_abandoned(${batch})`
}
