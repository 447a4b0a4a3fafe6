import type { Sql } from '#shared/database'

export interface Revocation { seq: number, kind: string, id: string }

/**
 * Writes that something ended, in the transaction that ends it. Writers take turns at their commit (121-turn-at-commit.sql), so this holds up nobody.
 * The organisation is the scope's. A `membership` is `<organisation>:<person>`; after one of it or of an `organisation` the services refuse every token of
 * that pair for a minute, new ones included.
 */
export const revoke = (sql: Sql, kind: 'session' | 'delegation' | 'membership' | 'organisation', id: string) => sql`
  insert into auth.revocations (org_id, kind, subject)
  values (app.org_id(), ${kind}, ${id})`

/** What was revoked after a number, of every organisation: ids only, without a scope. */
export const revocationsAfter = (sql: Sql, after: number) => sql<Revocation[]>`
  select seq::float8 as seq, kind, subject as id
  from auth.revocations_after(${after}, 1000)`

/** The number after which the last `seconds` begin. */
export const revocationsSince = (sql: Sql, seconds: number) => sql<Array<{ seq: number }>>`
  select auth.revocations_since(${seconds})::float8 as seq`
