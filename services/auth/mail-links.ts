import type { Sql } from '#shared/database'
import type { IdentityKey } from './identities.ts'
import { hashOf } from './secret-values.ts'

/** What a link opens. `known` and `nothing` open nothing: they are rows of the same work. */
export type LinkPurpose = 'register' | 'recovery' | 'email'

/** `browser`: the hash of its secret, where it came back from the issuer. */
export type VouchedKey = IdentityKey & { browser: Buffer }

export interface NewMailLink {
  person: string
  purpose: LinkPurpose | 'known' | 'nothing'
  email: string
  hash: Buffer
  /** Seconds. */
  lifetime: number
  /** Whose word asked for it. */
  identity: VouchedKey | null
}

export const addMailLink = (sql: Sql, link: NewMailLink) => sql`
  insert into auth.mail_links (person_id, purpose, email, token_hash, expires_at, issuer, subject, provider, browser_hash)
  values (
    ${link.person}, ${link.purpose}, ${link.email}, ${link.hash}, now() + make_interval(secs => ${link.lifetime}),
    ${link.identity?.issuer ?? null}, ${link.identity?.subject ?? null}, ${link.identity?.provider ?? null}, ${link.identity?.browser ?? null}
  )`

/** The ids behind a link's token, without a scope. */
export const mailLinkByHash = (sql: Sql, hash: Buffer) => sql<Array<{ id: string, person: string }>>`
  select link_id as id, person_id as person
  from auth.mail_link_by_hash(${hash})`

/**
 * The address that an open link proves, the identity that asked for it with the browser where it did, and how many characters a password that is chosen with it
 * must have at least. In the scope of the person.
 */
export const openMailLink = (sql: Sql, id: string, purpose: LinkPurpose) => sql<Array<{ email: string, minimum: number, issuer: string | null, subject: string | null, provider: string | null, browser: Buffer | null }>>`
  select email, auth.password_minimum() as minimum, issuer, subject, provider, browser_hash as browser
  from auth.mail_links
  where id = ${id}
    and purpose = ${purpose}
    and used_at is null
    and expires_at > now()`

/** Answers a row to exactly one caller: the row is locked until that one's commit, and then it is used. */
export const spendMailLink = (sql: Sql, id: string, purpose: LinkPurpose) => sql<Array<{ email: string }>>`
  update auth.mail_links
  set used_at = now()
  where id = ${id}
    and purpose = ${purpose}
    and used_at is null
    and expires_at > now()
  returning email`

/** Links of these kinds that are out for the person open nothing any more: a newer one is, or what they were for has changed. */
export const voidMailLinks = (sql: Sql, person: string, purposes: Array<LinkPurpose | 'nothing'> = ['recovery', 'email', 'nothing']) => sql`
  update auth.mail_links
  set used_at = now()
  where person_id = ${person}
    and purpose = any(${purposes})
    and used_at is null`

/** Stands for the person of an address that nobody has: the same one each time, so that asking again finds as many rows as it would for somebody. */
export function nobodyAt (email: string): string {
  const hex = hashOf(`nobody at ${email}`).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
