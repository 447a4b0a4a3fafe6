import type { Sql } from '#shared/database'

export interface Flow {
  purpose: 'login' | 'link' | 'connect'
  provider: string
  /** The session that links or connects. */
  session: string | null
  /** A path of the console. */
  returnTo: string
}

/** Remembers where a browser was sent, by the hash of its state. Without a scope. */
export const beginFlow = (sql: Sql, hash: Buffer, { purpose, provider, session, returnTo }: Flow) => sql`
  select auth.begin_oauth_flow(${hash}, ${purpose}, ${provider}, ${session}, ${returnTo})`

/** The flow of a state, to exactly one caller; `alive` for ten minutes. Without a scope. */
export const takeFlow = (sql: Sql, hash: Buffer) => sql<Array<Flow & { alive: boolean }>>`
  select purpose, provider, session_id as session, return_to as "returnTo", alive
  from auth.take_oauth_flow(${hash})`
