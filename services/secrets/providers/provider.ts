import type { TObject } from 'typebox'
import { Type } from 'typebox'
import type { FieldError } from '#shared/errors'

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
}

/** A key or a token: one line without spaces. What it looks like exactly is a Shape, since the pattern of a schema is no sentence that helps anybody. */
export const Line = (description: string, maxLength = 512) => Type.String({ minLength: 1, maxLength, pattern: '^[\\x21-\\x7e]+$', description })

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
