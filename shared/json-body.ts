import fastifyPlugin from 'fastify-plugin'
import { parse } from 'secure-json-parse'
import { badRequest } from './errors.ts'

/** Levels of arrays and objects that a body may nest. */
export const maxDepth = 32

/** The JSON parser of every service: valid UTF-8 and Unicode, bounded depth, no `__proto__` or `constructor.prototype`. */
export const jsonBody = fastifyPlugin(async app => {
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => assertText(parseJson(body)))
}, { name: 'json-body' })

/** Parses a JSON text as it came from outside. Throws `bad-request` without quoting it. */
export function parseJson (body: Buffer): unknown {
  if (body.length === 0) throw badRequest('The body is empty.')
  let text
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw badRequest('The body is not valid UTF-8.')
  }
  if (depthOf(text) > maxDepth) throw badRequest(`The body nests deeper than ${maxDepth} levels.`)
  try {
    return parse(text, null, { protoAction: 'error', constructorAction: 'error' })
  } catch {
    throw badRequest('The body is not valid JSON.')
  }
}

/** Half a surrogate pair (`\ud800`) is no text (RFC 7493 §2.1): PostgreSQL's JSON refuses it, and two that differ are one after UTF-8. Throws `bad-request`. */
function assertText (value: unknown): unknown {
  if (typeof value === 'string' && !value.isWellFormed()) throw badRequest('The body holds half a character.')
  if (typeof value === 'object' && value !== null) for (const each of Object.entries(value).flat()) assertText(each)
  return value
}

/** The deepest nesting of a JSON text, found before anything recursive sees it. */
export function depthOf (text: string): number {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (quoted) {
      if (character === '\\') index++
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth--
  }
  return deepest
}
