import { invalid } from '#shared/errors'
import { plainText } from '#shared/schemas'

/** A name without tags and control characters. Throws `validation` when nothing is left. */
export function nameOf (text: string, path: string): string {
  const name = plainText(text).replace(/\s+/g, ' ')
  if (name === '') throw invalid([{ path, message: 'must not be empty' }])
  return name
}
