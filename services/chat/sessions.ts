import type { Sql } from '#shared/database'

export interface SessionRow {
  id: string
  title: string
  incident: number | null
  createdAt: Date
  updatedAt: Date
}

/** What a conversation is called until somebody names it. */
export const UNTITLED = 'New conversation'

const columns = (sql: Sql) => sql`
  id,
  title,
  incident_number as "incident",
  created_at as "createdAt",
  updated_at as "updatedAt"`

/** The person's conversations, the latest used first. `before` is the cursor of the page before: its last row. */
export function recentSessions (sql: Sql, limit: number, before: { updatedAt: Date, id: string } | null) {
  return sql<SessionRow[]>`
    select ${columns(sql)}
    from chat.chat_sessions
    where deleted_at is null
    ${before ? sql`and (updated_at, id) < (${before.updatedAt}, ${before.id})` : sql``}
    order by updated_at desc, id desc
    limit ${limit}`
}

export function sessionById (sql: Sql, id: string) {
  return sql<SessionRow[]>`
    select ${columns(sql)}
    from chat.chat_sessions
    where id = ${id}
    and deleted_at is null`
}

export function createSession (sql: Sql, title: string, incident: number | null) {
  return sql<SessionRow[]>`
    insert into chat.chat_sessions (org_id, person_id, title, incident_number)
    values ((select app.org_id()), (select app.person_id()), ${title}, ${incident})
    returning ${columns(sql)}`
}

/** Marks it; the messages stay until retention purges both. */
export function deleteSession (sql: Sql, id: string) {
  return sql<Array<{ id: string }>>`
    update chat.chat_sessions
    set deleted_at = now()
    where id = ${id}
    and deleted_at is null
    returning id`
}

/** Moves it to the top of the list; the first message names what has no name. */
export function touchSession (sql: Sql, id: string, firstText: string) {
  return sql`
    update chat.chat_sessions
    set updated_at = now(),
      title = case when title = ${UNTITLED} then ${firstText} else title end
    where id = ${id}`
}
