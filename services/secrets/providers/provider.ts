import type { TObject } from 'typebox'
import { Type } from 'typebox'
import type { FieldError } from '#shared/errors'
import { oneLine } from '#shared/schemas'
import type { GuardedRequest } from '#shared/ssrf'

export type Values = Record<string, string>

/** What people may connect. A row in a table, not a class: the schema closes the fields, `check` looks at what a schema cannot. */
export interface Provider {
  name: string
  title: string
  schema: TObject
  /** What is wrong with the values, in words that repeat nothing of them. */
  check?: (values: Values) => FieldError[]
  /** What of the values may be stored and shown in clear. */
  labels: (values: Values) => Record<string, string>
  /** When the values end, and when they are to be renewed. */
  life?: (values: Values) => { expiresAt: Date | null, refreshAt: Date | null }
  /** How these values are tried. Null, or absent: not without doing something with them. */
  trial?: (values: Values) => Trial | null
}

/**
 * The one request that changes nothing and shows whether a credential works. Its address is made here, of what the provider is: no setting and no person can
 * lead a credential anywhere else (but for a model, whose address is a value of its own).
 */
export interface Trial extends Pick<GuardedRequest, 'method' | 'headers' | 'body'> {
  address: string
  /** What the provider documents of its answer. Undefined: it says neither, and nobody is told to throw a good credential away. */
  means: (answer: TrialAnswer) => 'works' | 'refused' | undefined
}

export interface TrialAnswer {
  status: number
  /** Empty when the answer is no JSON object, or does not say that it is. */
  json: Record<string, unknown>
  text: string
}

/** What of the values stands in the row. */
export const factsOf = (provider: Provider, values: Values) => ({ labels: provider.labels(values), ...provider.life?.(values) })

/** A key or a token: one line without spaces. What it looks like exactly is a Shape, since the pattern of a schema is no sentence that helps anybody. */
export const Line = (description: string, maxLength = 512) => Type.String({ minLength: 1, maxLength, pattern: oneLine, description })

export interface Shape { is: RegExp, words: string }

/** Which values do not look as their provider makes them. Whoever cut one off while copying learns it now and not in the middle of an incident. */
export const misshapen = (values: Values, shapes: Record<string, Shape>): FieldError[] =>
  Object.entries(shapes).flatMap(([name, { is, words }]) => {
    const value = values[name]
    return value === undefined || is.test(value) ? [] : [{ path: `/values/${name}`, message: words }]
  })

/** One of the ways to connect, whole, and nothing of another: with two it would be anybody's guess which is used. */
export function oneWay (values: Values, ways: ReadonlyArray<readonly string[]>): FieldError[] {
  const begun = ways.filter(way => way.some(name => values[name] !== undefined))
  const [way] = begun
  if (way === undefined || begun.length > 1) return [{ path: '/values', message: `needs ${ways.map(names => names.join(' with ')).join(', or ')}, and not both` }]
  return way.filter(name => values[name] === undefined).map(name => ({ path: `/values/${name}`, message: 'is missing' }))
}
