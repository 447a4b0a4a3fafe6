import { Type, type Static, type TSchema } from 'typebox'
import { closed, Id, ProblemDocument, Text, Timestamp } from '#shared/schemas'
import { severities } from './severities.ts'
import { kinds } from './sources/index.ts'
import { statuses } from './transitions.ts'

const oneOf = <const V extends string>(values: readonly V[], description?: string) =>
  Type.Unsafe<V>({ type: 'string', enum: [...values], ...(description === undefined ? {} : { description }) })
/** A list of types instead of a union: the serialiser tries a union's members one by one, with a validator, on every row. */
const orNull = <T extends TSchema & { type: string }>(schema: T) => Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] })
const number = Type.Integer({ minimum: 1, maximum: 2147483647, description: 'Number of the incident in its organisation' })

const Status = oneOf(statuses)
const Severity = oneOf(severities)
const Kind = oneOf(kinds, 'The tool that sends the alerts')
const Authentication = oneOf(['hmac', 'bearer'] as const, 'How the tool proves a delivery: a signature, or the secret as bearer token or basic password')

export const problems = { '4xx': ProblemDocument, '5xx': ProblemDocument }

/** An action takes no body; an empty object is as good. */
export const Nothing = Type.Union([Type.Null(), closed({})])

export const longestName = 100
export const IntegrationId = closed({ id: Id })
export const NewIntegration = closed({
  kind: Kind,
  name: Text(longestName, 1),
  authentication: Type.Optional(Authentication),
  secret: Type.Optional(Type.String({ minLength: 16, maxLength: 200, pattern: '^[\\x21-\\x7e]+$', description: 'Where the tool makes the secret itself. Absent: one is made here.' }))
})
export const NewSecret = closed({ secret: NewIntegration.properties.secret })
const integration = {
  id: Id,
  kind: Kind,
  name: Type.String(),
  authentication: Authentication,
  hookUrl: Type.String({ description: 'Where the tool sends its alerts' }),
  createdAt: Timestamp,
  lastDeliveryAt: orNull(Timestamp)
}
export const Integration = closed(integration)
export const IntegrationWithSecret = closed({ ...integration, secret: Type.String({ description: 'Shown this once' }) })
export const IntegrationList = closed({ integrations: Type.Array(Integration) })

export const HookId = closed({ id: Type.String({ maxLength: 100 }) })
export const Accepted = closed({ accepted: Type.Literal(true) })
export const Duplicate = closed({ duplicate: Type.Literal(true) })

export const IncidentNumber = closed({ number })
export const IncidentQuery = closed({
  status: Type.Optional(Status),
  severity: Type.Optional(Severity),
  before: Type.Optional(Type.Integer({ minimum: 1, maximum: 2147483647, description: 'Incidents with a lower number' })),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 })
})
const incident = {
  id: Id,
  number,
  title: Type.String(),
  status: Status,
  severity: Severity,
  source: Type.String(),
  service: orNull(Type.String()),
  alertCount: Type.Integer(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  acknowledgedBy: orNull(Type.String())
}
export const IncidentList = closed({
  incidents: Type.Array(closed(incident)),
  next: orNull(Type.Integer({ description: '`before` of the next page' }))
})
const detail = { ...incident, version: Type.Integer(), acknowledgedAt: orNull(Timestamp), resolvedAt: orNull(Timestamp) }
export const Incident = closed(detail)
const Alert = closed({
  id: Id,
  fingerprint: Type.String(),
  title: Type.String(),
  severity: Severity,
  status: oneOf(['firing', 'resolved'] as const),
  service: orNull(Type.String()),
  labels: Type.Record(Type.String(), Type.String()),
  url: orNull(Type.String()),
  startsAt: Timestamp,
  endsAt: orNull(Timestamp)
})
export const IncidentDetail = closed({ ...detail, alerts: Type.Array(Alert, { description: 'The newest 200' }) })

export const TimelineQuery = closed({
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 200 }),
  before: Type.Optional(Id)
})
export const Timeline = closed({
  entries: Type.Array(closed({
    id: Id,
    at: Timestamp,
    kind: Type.String(),
    actor: closed({ kind: oneOf(['person', 'source', 'system'] as const), name: Type.String() }),
    text: Type.String()
  }))
})

export type NewIntegrationBody = Static<typeof NewIntegration>
export type NewSecretBody = Static<typeof NewSecret>
export type IncidentQueryString = Static<typeof IncidentQuery>
export type TimelineQueryString = Static<typeof TimelineQuery>
