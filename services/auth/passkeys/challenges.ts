import type { Sql } from '#shared/database'
import { hashOf } from '../secret-values.ts'

/** Remembers what a passkey is asked to sign, for the browser that holds the secret of `holder`. Without a scope. */
export const beginPasskey = (sql: Sql, challenge: string, holder: string) => sql`
  select auth.begin_passkey(${hashOf(challenge)}, ${hashOf(holder)})`

/** Whether it was asked of this browser within the last five minutes, to exactly one caller. Without a scope. */
export const takePasskey = (sql: Sql, challenge: string, holder: string) => sql<Array<{ asked: boolean }>>`
  select auth.take_passkey(${hashOf(challenge)}, ${hashOf(holder)}) as asked`
