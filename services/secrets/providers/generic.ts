import { Type } from 'typebox'
import type { FieldError } from '#shared/errors'
import type { Provider, Values } from './provider.ts'

const most = { names: 32, characters: 8_192 }
const name = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/

/**
 * Names and values of whoever stores them, for what has no row of its own. Names are not of a closed list here, so all is checked by hand: the validator would say
 * by name which value is wrong, and a secret that was pasted into the place of a name would come back.
 */
export const generic: Provider = {
  name: 'generic',
  title: 'other secrets',
  schema: Type.Object({}, {
    additionalProperties: true,
    minProperties: 1,
    maxProperties: most.names,
    description: `Up to ${most.names} names (letters, digits and _.-, at most 64) with texts of up to ${most.characters} characters`
  }),
  check: checkPairs,
  labels: values => ({ values: String(Object.keys(values).length) })
}

function checkPairs (values: Values): FieldError[] {
  const path = '/values'
  const wrong: FieldError[] = []
  // What every object has would be found in all of them.
  if (!Object.keys(values).every(key => name.test(key) && !(key in Object.prototype))) wrong.push({ path, message: 'has a name that is none: a letter, then letters, digits and _.-, at most 64' })
  if (!Object.values<unknown>(values).every(isValue)) wrong.push({ path, message: `has a value that is none: a text of 1 to ${most.characters} characters` })
  return wrong
}

// eslint-disable-next-line no-control-regex
const isValue = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= most.characters && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value)
