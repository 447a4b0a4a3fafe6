import type { Sql } from '#shared/database'
import type { RingName } from './entries.ts'

/** That this replica works with the keys of a version. Said again and again, since one that falls silent is not waited for. */
export const holdKeys = (sql: Sql, replica: string, version: number) => sql`
  select auth.hold_keys(${replica}, ${version})`

export const letKeysGo = (sql: Sql, replica: string) => sql`
  select auth.let_keys_go(${replica})`

/** The newest version that any replica has, and every key that was withdrawn. */
export const keyNews = (sql: Sql) => sql<Array<{ newest: number, withdrawn: string[] }>>`
  select newest::float8 as newest, withdrawn
  from auth.key_news()`

/** Seconds for which every replica has had a version; negative when one has not. */
export const keysHeldFor = (sql: Sql, version: number) => sql<Array<{ seconds: number }>>`
  select auth.keys_held_for(${version}) as seconds`

/**
 * Tells everyone that keys are withdrawn, and ends what may have been got with them: with a signing key delegations, with a cookie key sessions.
 * Answers how many were news.
 */
export const withdrawKeys = (sql: Sql, ring: RingName, ids: string[]) => sql<Array<{ news: number }>>`
  select auth.withdraw_keys(${ring}, ${ids})::float8 as news`
