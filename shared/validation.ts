import { Ajv, type Options } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'

/** Bodies are taken as they are; query strings and path parameters are text, so numbers and booleans in them are converted. Unknown fields are errors. */
export function createValidatorCompiler (): FastifySchemaCompiler<unknown> {
  const options: Options = { allErrors: false, removeAdditional: false, useDefaults: true, strict: true, strictTypes: false, keywords: ['example'] }
  const body = new Ajv({ ...options, coerceTypes: false })
  // `1e400` is converted to Infinity after the type was checked; with strict numbers its limits would be passed over as well.
  const text = new Ajv({ ...options, coerceTypes: true, strictNumbers: false })
  for (const ajv of [body, text]) addFormats.default(ajv)
  return ({ schema, httpPart }) => (httpPart === 'body' ? body : text).compile(schema as object)
}
