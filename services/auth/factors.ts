import type { Sql } from '#shared/database'
import { conflict } from '#shared/errors'

/** As many as a person can tell apart. */
const mostFactors = 10

export type FactorKind = 'totp' | 'passkey'

export interface Factor {
  id: string
  kind: FactorKind
  label: string
  createdAt: Date
  usedAt: Date | null
}

/** The confirmed factors of the scope's person: those that a sign-in asks for. */
export const factorsOf = (sql: Sql, person: string) => sql<Factor[]>`
  select id, kind, label, created_at as "createdAt", used_at as "usedAt"
  from auth.factors
  where person_id = ${person}
    and confirmed_at is not null
  order by created_at, id`

export function assertRoomForFactor (before: Factor[]): void {
  if (before.length >= mostFactors) throw conflict('These are as many as you can have. Remove one first.')
}

export const sealedSeedsOf = (sql: Sql, person: string) => sql<Array<{ id: string, sealed: string }>>`
  select id, sealed
  from auth.factors
  where person_id = ${person}
    and kind = 'totp'
    and confirmed_at is not null
  order by created_at, id`

/** A person begins again as often as they like; what was never confirmed goes. */
export const forgetUnconfirmed = (sql: Sql, person: string) => sql`
  delete from auth.factors
  where person_id = ${person}
    and confirmed_at is null`

export const beginTotp = (sql: Sql, factor: { id: string, person: string, label: string, sealed: string }) => sql`
  insert into auth.factors (id, person_id, kind, label, sealed)
  values (${factor.id}, ${factor.person}, 'totp', ${factor.label}, ${factor.sealed})`

export const unconfirmedSeed = (sql: Sql, person: string, id: string) => sql<Array<{ sealed: string }>>`
  select sealed
  from auth.factors
  where id = ${id}
    and person_id = ${person}
    and kind = 'totp'
    and confirmed_at is null
    and created_at > now() - interval '15 minutes'`

/** Answers a row when it was this call that confirmed it. */
export const confirmTotp = (sql: Sql, person: string, id: string, step: number) => sql<Array<{ label: string }>>`
  update auth.factors
  set confirmed_at = now(),
    used_at = now(),
    last_step = ${step}
  where id = ${id}
    and person_id = ${person}
    and confirmed_at is null
  returning label`

/** Answers a row when the code of this step was not used before: of any number at once, one. */
export const useStep = (sql: Sql, person: string, id: string, step: number) => sql<Array<{ id: string }>>`
  update auth.factors
  set last_step = ${step},
    used_at = now()
  where id = ${id}
    and person_id = ${person}
    and confirmed_at is not null
    and last_step < ${step}
  returning id`

export const removeFactor = (sql: Sql, person: string, id: string) => sql<Array<{ label: string }>>`
  delete from auth.factors
  where id = ${id}
    and person_id = ${person}
    and confirmed_at is not null
  returning label`

export interface Passkey { id: string, credential: Buffer, transports: string[] }

/** What a browser needs to know to find them. */
export const passkeysOf = (sql: Sql, person: string) => sql<Passkey[]>`
  select id, credential_id as credential, transports
  from auth.factors
  where person_id = ${person}
    and kind = 'passkey'
  order by created_at, id`

/** Whose passkey it is, without a scope. */
export const passkeyByCredential = (sql: Sql, credential: Buffer) => sql<Array<{ id: string, person: string }>>`
  select factor_id as id, person_id as person
  from auth.passkey_by_credential(${credential})`

/** What a signature is verified with, and the last count that it came with. */
export const passkeyKey = (sql: Sql, person: string, id: string) => sql<Array<{ publicKey: Buffer, count: number }>>`
  select public_key as "publicKey", sign_count::float8 as count
  from auth.factors
  where id = ${id}
    and person_id = ${person}
    and kind = 'passkey'`

export interface NewPasskey { id: string, person: string, label: string, credential: Buffer, publicKey: Buffer, count: number, transports: string[] }

/** Confirmed from the start: it has signed. */
export const addPasskey = (sql: Sql, { id, person, label, credential, publicKey, count, transports }: NewPasskey) => sql`
  insert into auth.factors (id, person_id, kind, label, credential_id, public_key, sign_count, transports, confirmed_at, used_at)
  values (${id}, ${person}, 'passkey', ${label}, ${credential}, ${publicKey}, ${count}, ${transports}, now(), now())`

/** Answers a row when the count has risen, or the authenticator has none (it tells 0 each time): of any number at once with one count, one. */
export const usePasskey = (sql: Sql, person: string, id: string, count: number) => sql<Array<{ id: string }>>`
  update auth.factors
  set sign_count = ${count},
    used_at = now()
  where id = ${id}
    and person_id = ${person}
    and (sign_count < ${count} or (sign_count = 0 and ${count} = 0))
  returning id`
