import { invalid } from '#shared/errors'
import { plainTextWithin } from '#shared/schemas'

/** A name without tags and control characters. Throws `validation` when nothing is left, or more than the column takes: normalising may lengthen it. */
export function nameOf (text: string, path: string): string {
  const name = plainTextWithin(text, 200, path).replace(/\s+/g, ' ')
  if (name === '') throw invalid([{ path, message: 'must not be empty' }])
  return name
}
