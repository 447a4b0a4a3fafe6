import sanitizeHtml from 'sanitize-html'
import { Type, type TObject, type TProperties } from 'typebox'
import { invalid } from './errors.ts'

declare module 'fastify' {
  /** What a route says of itself in the published OpenAPI document. */
  interface FastifySchema {
    summary?: string
    description?: string
    tags?: readonly string[]
  }
}

/** Schemas that all services share. Objects are closed: an unknown field is an error, not a surprise later. */
export const closed = <P extends TProperties>(properties: P, options: { description?: string } = {}): TObject<P> =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** Pattern of keys and tokens. */
export const oneLine = '^[\\x21-\\x7e]+$'

export const Id = Type.String({ format: 'uuid', maxLength: 36, description: 'UUID, without the `urn:uuid:` that the format allows too' })
export const Timestamp = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' })

/** Plain text of at most `maxLength` characters (code points). Handlers pass it through `plainText` or, where a column bounds it, `plainTextWithin`. */
export const Text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength })

/** Text without HTML tags and control characters: what people type into plain fields is shown in consoles, mails and terminals of others. */
export function plainText (text: string): string {
  return withoutTags(text.normalize('NFC'))
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()
}

function withoutTags (text: string): string {
  // Nothing can be a tag or stand for one: a storm of alerts has a hundred thousand such labels, and the parser costs a hundred times this look.
  if (!/[<>&]/.test(text)) return text
  let stripped = text
  // Again until nothing changes: `&lt;b&gt;` decodes to a tag, which is then one to strip.
  for (let before = '', round = 0; stripped !== before; round++) {
    before = stripped
    // Nobody honest escapes five times; each level costs a round, and a label of `&amp;amp;amp;…` has a thousand.
    if (round === 5) stripped = stripped.replace(/[<>&]/g, '')
    stripped = decodeEntities(sanitizeHtml(stripped, { allowedTags: [], allowedAttributes: {} }))
  }
  return stripped
}

/**
 * `plainText` that still has at most `most` characters, as PostgreSQL counts them. Normalising makes some text three times as long: what fitted when
 * its schema was checked may not fit its column, and that is the sender's error and not ours. Throws `validation`.
 */
export function plainTextWithin (text: string, most: number, path: string): string {
  const plain = plainText(text)
  if (Array.from(plain).length > most) throw invalid([{ path, message: `must NOT have more than ${most} characters` }])
  return plain
}

/** sanitize-html escapes the four characters of what it keeps; this field is text, not HTML. */
function decodeEntities (text: string): string {
  return text.replace(/&(lt|gt|quot|amp);/g, (_, name: 'lt' | 'gt' | 'quot' | 'amp') => ({ lt: '<', gt: '>', quot: '"', amp: '&' })[name])
}

export const ProblemDocument = Type.Object({
  type: Type.String({ description: 'urn:aurora:problem:<code>' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  retryAfter: Type.Optional(Type.Integer({ description: 'seconds' })),
  requestId: Type.String()
}, { description: 'RFC 9457 problem document' })
