import { plainText } from '#shared/schemas'

/**
 * Text of an alert is anybody's text: whoever can make a monitored thing log a line can write it. Everything that is
 * kept goes through here, and what cannot be kept (control characters, half a surrogate pair, which PostgreSQL
 * refuses) is dropped rather than failing the alert.
 */
export function lineOf (value: unknown, most: number): string {
  return textOf(value, most).replace(/\s+/g, ' ').trim()
}

export function textOf (value: unknown, most: number): string {
  if (typeof value !== 'string') return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
  // cut before the work as well as after it: a megabyte of tags is not worth parsing for a title
  return cut(plainText(cut(value, most * 4).toWellFormed()), most)
}

/** At most so many UTF-16 units, never half a character. */
function cut (text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most - 1).toWellFormed().replace(/\ufffd$/, '') + '…'
}

/** An address that a person may follow: absolute and http(s), so neither `javascript:` nor Grafana's "?orgId=1". */
export function addressOf (value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 2000) return null
  const url = URL.parse(value)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.href.length <= 2000 ? url.href : null
}

/** A moment, or null: Alertmanager's year 1 means "not yet". */
export function timeOf (value: unknown): Date | null {
  if (typeof value !== 'string' || value.length > 64) return null
  const time = new Date(value)
  return Number.isNaN(time.getTime()) || time.getTime() <= 0 ? null : time
}

/** Something with fields, else nothing: senders write null where an object is expected. */
export function fieldsOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {}
}

/** A field of its own: `constructor` of a plain object is not something that a sender said. */
export function ownField (fields: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}
