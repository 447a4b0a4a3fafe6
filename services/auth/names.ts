import { invalid } from '#shared/errors'
import { plainTextWithin } from '#shared/schemas'

/** A name without tags and control characters. Throws `validation` when nothing is left, or more than `most` characters, which the column takes: normalising may lengthen it. */
export function nameOf (text: string, path: string, most = 200): string {
  const name = plainTextWithin(text, most, path).replace(/\s+/g, ' ')
  if (name === '') throw invalid([{ path, message: 'must not be empty' }])
  return name
}
