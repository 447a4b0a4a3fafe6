import type { Sql } from '#shared/database'

/** A connection that one refresher has claimed. */
export interface Due {
  organisation: string
  person: string
  id: string
  /** The number of the claim. */
  attempts: number
}

/** What is due, for this refresher alone until the lease ends. Without a scope. */
export const claimRefreshes = (sql: Sql, most: number, leaseSeconds: number) => sql<Due[]>`
  select org_id as organisation, person_id as person, id, attempts
  from secrets.claim_refreshes(${most}, ${leaseSeconds})`

/** The version that was looked at, and the claim: what follows is of these alone. Each question below answers no row when somebody else has been there since. */
export interface Fence { id: string, version: number, attempts: number }

const behind = (sql: Sql, { id, version, attempts }: Fence) => sql`
  id = ${id}
    and version = ${version}
    and refresh_attempts = ${attempts}
    and status = 'active'`

/** From here until the answer is known a token may have been replaced without our knowing. */
export const noteAsking = (sql: Sql, fence: Fence) => sql`
  update secrets.user_tokens
  set refresh_unanswered = true
  where ${behind(sql, fence)}
  returning id`

export const postponeRefresh = (sql: Sql, fence: Fence, seconds: number, unanswered: boolean) => sql`
  update secrets.user_tokens
  set refresh_at = now() + make_interval(secs => ${seconds}),
    refresh_unanswered = ${unanswered}
  where ${behind(sql, fence)}`

/** Prolongs the claim. */
export const keepClaim = (sql: Sql, fence: Fence, leaseSeconds: number) => sql`
  update secrets.user_tokens
  set refresh_at = now() + make_interval(secs => ${leaseSeconds})
  where ${behind(sql, fence)}`

/** It is broken, and its person is to be told. */
export const breakConnection = (sql: Sql, fence: Fence, why: 'refused' | 'lost') => sql`
  update secrets.user_tokens
  set broken = ${why},
    refresh_unanswered = false,
    updated_at = now()
  where ${behind(sql, fence)}
    and broken is null
  returning id`

/** There is nothing to do for it any more. */
export const settleRefresh = (sql: Sql, fence: Fence) => sql`
  update secrets.user_tokens
  set refresh_at = null
  where ${behind(sql, fence)}`
