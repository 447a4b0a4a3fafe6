import { Type, type Static } from 'typebox'
import { closed, Id, Timestamp } from '#shared/schemas'
import type { ApiKeyRow } from './api-keys.ts'

export const KeyParams = closed({ id: Id })
/** The id as PostgreSQL writes it and as the audit log is searched for it, however it was typed. */
export const idIn = ({ id }: Static<typeof KeyParams>): string => id.toLowerCase()

export const Days = Type.Integer({ minimum: 1, maximum: 365, description: 'How long it works. There is no key without an end' })
export const Networks = Type.Array(Type.String({ minLength: 2, maxLength: 50 }), { maxItems: 20, description: 'Where it may be used from, as addresses or networks (203.0.113.0/24, 2001:db8::/32); none: from anywhere' })

export const Replacement = closed({ overlapHours: Type.Integer({ minimum: 0, maximum: 24, description: 'How long the old one works beside the new one; 0 ends it at once' }) })

export const Made = closed({
  id: Id,
  key: Type.String({ description: 'The key. It is shown once; Aurora keeps a hash of it' }),
  expiresAt: Timestamp
})

export const ApiKey = closed({
  id: Id,
  kind: Type.Union([Type.Literal('person'), Type.Literal('agent')]),
  name: Type.String(),
  prefix: Type.String({ description: 'How it begins' }),
  scopes: Type.Array(Type.String()),
  networks: Type.Array(Type.String()),
  owner: Type.Union([Type.String(), Type.Null()], { description: 'Name of the person; an agent\'s key belongs to the organisation' }),
  createdAt: Timestamp,
  expiresAt: Timestamp,
  lastUsedAt: Type.Union([Timestamp, Type.Null()], { description: 'Within a minute' }),
  replaced: Type.Boolean({ description: 'It has a successor and works for a while beside it' }),
  needsFactor: Type.Boolean({ description: 'The organisation asks for a second factor, and this key was made without: it opens nothing until it is replaced' })
})

export const presentApiKey = ({ createdAt, expiresAt, lastUsedAt, ...row }: ApiKeyRow) => ({
  ...row,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null
})
