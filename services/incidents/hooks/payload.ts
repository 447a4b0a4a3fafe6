import { badRequest } from '#shared/errors'
import { depthOf } from '#shared/json-body'
import type { Payload } from '../sources/source.ts'

/** Levels of nesting: real payloads have six. What walks a payload later must not run out of stack on a megabyte of `[`. */
const deepest = 64

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The JSON object in a body. Throws `bad-request`; never called before the body is known to be authentic. Unlike our own
 * clients, senders may have a label named `__proto__`: it is kept, as a field of its own.
 */
export function payloadOf (body: Buffer): Payload {
  const text = decode(body)
  if (depthOf(text) > deepest) throw badRequest('The body is nested too deeply.')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw badRequest('The body is not JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('The body is not a JSON object.')
  return value as Payload
}

function decode (body: Buffer): string {
  try {
    return utf8.decode(body)
  } catch {
    throw badRequest('The body is not UTF-8.')
  }
}
