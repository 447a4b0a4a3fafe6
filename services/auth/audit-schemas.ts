import { Type, type Static, type TObject } from 'typebox'
import { invalid } from '#shared/errors'
import { services } from '#shared/peers'
import { closed, Id, Timestamp } from '#shared/schemas'
import { outcomes, type AuditFilter, type AuditRow } from './audit-events.ts'

export const OneOf = <V extends string>(values: readonly V[]) => Type.Unsafe<V>({ type: 'string', enum: [...values] })

/** What events are searched by: the same for the list and for the export. */
export const filterFields = {
  action: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9_.:-]{0,99}\\*?$', description: 'A whole name (`credential.read`), or a beginning and `*` (`auth.*`)' })),
  person: Type.Optional(Id),
  service: Type.Optional(OneOf([...services, 'retention', 'migrate'])),
  outcome: Type.Optional(OneOf(outcomes)),
  // PostgreSQL has no text with a NUL in it.
  target: Type.Optional(Type.String({ minLength: 1, maxLength: 500, pattern: '^[^\\u0000]*$' })),
  from: Type.Optional(Timestamp),
  to: Type.Optional(Timestamp)
}

export const Event = closed({
  id: Id,
  at: Timestamp,
  service: Type.String(),
  person: Type.Union([Type.Null(), closed({ id: Id, name: Type.String({ description: 'Empty when they are no longer of the organisation' }) })]),
  action: Type.String(),
  target: Type.String(),
  outcome: Type.String(),
  detail: Type.Record(Type.String(), Type.Unknown()),
  requestId: Type.String()
})

export function filterOf ({ action, person, service, outcome, target, from, to }: Static<TObject<typeof filterFields>>): AuditFilter {
  return { action, person, service, outcome, target, from: momentOf(from, '/querystring/from'), to: momentOf(to, '/querystring/to') }
}

/** RFC 3339 knows leap seconds and the year 0, which neither Date nor PostgreSQL does. */
function momentOf (text: string | undefined, path: string): Date | undefined {
  if (text === undefined) return undefined
  const milliseconds = Date.parse(text)
  if (Number.isNaN(milliseconds)) throw invalid([{ path, message: 'is no moment' }])
  return new Date(Math.max(0, milliseconds))
}

export const presentEvent = ({ personId, personName, at, ...event }: AuditRow): Static<typeof Event> => ({
  ...event,
  at: at.toISOString(),
  person: personId === null ? null : { id: personId, name: personName ?? '' }
})
