import fastifyPlugin from 'fastify-plugin'
import { parse } from 'secure-json-parse'
import { badRequest } from './errors.ts'

/** Levels of arrays and objects that a body may nest. */
export const maxDepth = 32

/** The JSON parser of every service: valid UTF-8, bounded depth, no `__proto__` or `constructor.prototype`. */
export const jsonBody = fastifyPlugin(async app => {
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => parseJson(body))
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
