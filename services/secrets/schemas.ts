import { Type, type Static } from 'typebox'
import { closed, Timestamp } from '#shared/schemas'
import type { ConnectionRow } from './connections.ts'

/** What leaves of a connection. There is no field for values. */
export const Connection = closed({
  provider: Type.String(),
  version: Type.Integer({ description: 'Version of the values; say it as `cas` to replace exactly these' }),
  status: Type.String({ description: '`active`; `broken`: its provider does not renew the access, so nothing can use it until it is disconnected and connected again; `expired`: the access has run out while its provider does not answer, which is asked again' }),
  broken: Type.Optional(Type.Union([Type.Literal('refused'), Type.Literal('lost')], { description: '`refused`: the provider says that the access is over. `lost`: it says so after an earlier answer of its did not arrive, which may have replaced it' })),
  owner: Type.Union([Type.Literal('person'), Type.Literal('organisation')]),
  labels: Type.Record(Type.String(), Type.String()),
  createdAt: Timestamp,
  updatedAt: Timestamp
}, { description: 'A stored credential, without its values' })

export const ProviderName = closed({ provider: Type.String({ maxLength: 64 }) })

export const Cas = Type.Optional(Type.Integer({
  minimum: 0,
  maximum: 2_147_483_647,
  description: 'Check-and-set: only when this is the current version; 0: only when there is none'
}))

export const SecretValues = Type.Record(Type.String(), Type.String())

export const presentConnection = (row: ConnectionRow): Static<typeof Connection> => ({
  provider: row.provider,
  version: row.version,
  status: row.state,
  ...row.broken === null ? {} : { broken: row.broken },
  owner: row.personId === null ? 'organisation' : 'person',
  labels: row.labels,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString()
})
