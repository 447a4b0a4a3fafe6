import type { FastifyInstance } from 'fastify'
import type { Sql } from '#shared/database'
import { eraseWith, type PersonData } from '#shared/person-data'

/** Rows that are deleted in one transaction. */
const batch = 2_000

/** What chat holds about people: their own conversations and what the answers cost. All of it goes. */
export function personData (app: FastifyInstance): PersonData {
  return {
    organisations: (sql, person) => sql<Array<{ id: string }>>`
      select org_id as id
      from chat.organisations_of(${person})`,
    kinds: [
      { name: 'conversation', page: conversations },
      { name: 'message', page: messages },
      { name: 'usage', page: usage }
    ],
    erase: eraseWith(app.database, 'chat.person.erased', (sql, person) => sql<Array<{ rows: number }>>`
      select chat.erase_person(${person}, ${batch}) as rows`)
  }
}

const conversations = (sql: Sql, after: string | null, limit: number) => sql<Array<{ id: string }>>`
  select id, title, incident_number as incident, created_at as "createdAt", updated_at as "updatedAt", deleted_at as "deletedAt"
  from chat.chat_sessions
  where (${after}::uuid is null or id > ${after}::uuid)
  order by id
  limit ${limit}`

const messages = (sql: Sql, after: string | null, limit: number) => sql<Array<{ id: string }>>`
  select id, session_id as conversation, role, source, status, content, failure, created_at as "createdAt"
  from chat.chat_messages
  where (${after}::uuid is null or id > ${after}::uuid)
  order by id
  limit ${limit}`

const usage = (sql: Sql, after: string | null, limit: number) => sql<Array<{ id: string }>>`
  select id, session_id as conversation, provider, model, input_tokens as "inputTokens", output_tokens as "outputTokens",
    cached_tokens as "cachedTokens", estimated, outcome, created_at as "createdAt"
  from chat.llm_usage_tracking
  where (${after}::uuid is null or id > ${after}::uuid)
  order by id
  limit ${limit}`
