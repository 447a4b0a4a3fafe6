import { Type } from 'typebox'
import { closed } from '#shared/schemas'
import type { Provider } from './provider.ts'

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
  { name: 'gcp-oauth', title: 'Google Cloud', schema, labels },
  { name: 'github-oauth', title: 'GitHub', schema, labels }
]
