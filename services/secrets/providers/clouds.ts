import { Type } from 'typebox'
import { closed } from '#shared/schemas'
import type { Provider, Values } from './provider.ts'

/**
 * What is connected by going to a provider and allowing it (`auth`, routes/connect.ts). Written by auth alone, never by a person's own hand, in the shape that a
 * refresh needs: `expiresAt` is RFC 3339, empty for a token that ends only when it is revoked; `refreshToken` is empty where the provider gives none.
 */
const Token = Type.String({ minLength: 1, maxLength: 8_192, pattern: '^[\\x21-\\x7e]+$' })
const schema = closed({
  accessToken: Token,
  refreshToken: Type.Union([Token, Type.Literal('')]),
  expiresAt: Type.Union([Type.String({ format: 'date-time', maxLength: 40 }), Type.Literal('')]),
  scopes: Type.String({ maxLength: 4_000, pattern: '^[\\x21-\\x7e]+( [\\x21-\\x7e]+)*$' }),
  tokenType: Type.Literal('Bearer')
})
const labels: Provider['labels'] = values => ({ scopes: values.scopes ?? '' })

export const cloudProviders: readonly Provider[] = [
  { name: 'gcp-oauth', title: 'Google Cloud', schema, labels, life: lifeOf },
  { name: 'github-oauth', title: 'GitHub', schema, labels, life: lifeOf }
]

/** Milliseconds: how long before their end tokens are renewed, and up to how much earlier, so that those of one moment are not renewed in one; and how long they are left alone at least. */
const early = 5 * 60_000
const jitter = 60_000
const least = 30_000

/** Null: it ends only when it is revoked. */
export function lifeOf ({ expiresAt = '' }: Values, now = Date.now()): { expiresAt: Date | null, refreshAt: Date | null } {
  if (expiresAt === '') return { expiresAt: null, refreshAt: null }
  // What somebody wrote into Vault by hand may be no time: then it is over.
  const end = Date.parse(expiresAt) || now
  // Tokens that live for less than twice that are renewed at half their life; those of a second would be renewed without end.
  return { expiresAt: new Date(end), refreshAt: new Date(Math.max(end - early - Math.random() * jitter, now + (end - now) / 2, now + least)) }
}
