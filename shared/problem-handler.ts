import fastifyPlugin from 'fastify-plugin'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { badRequest, invalid, notFound, Problem, problemDocument, tooLarge, unavailable, unsupportedMediaType, type FieldError } from './errors.ts'
import { oneLine } from './schemas.ts'

/** Answers every error as RFC 9457 problem+json. What we did not throw ourselves becomes `internal` without its text. */
export const problemHandler = fastifyPlugin(async app => {
  app.setErrorHandler((error, request, reply) => send(problemOf(error), error, request, reply))
  app.setNotFoundHandler((request, reply) => send(notFound(), undefined, request, reply))
}, { name: 'problem-handler' })

/** Answers with a problem, and writes down why. */
export function send (problem: Problem, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  if (problem.status >= 500) request.log.error({ event: 'request.failed', code: problem.code, err: error }, 'a request failed')
  else request.log.info({ event: 'request.refused', code: problem.code, status: problem.status }, 'a request was refused')
  if (problem.retryAfter !== undefined) reply.header('retry-after', String(problem.retryAfter))
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .send(JSON.stringify(problemDocument(problem, request.id)))
}

/** The problem that an error is to the client. */
export function problemOf (error: unknown): Problem {
  if (error instanceof Problem) return error
  const { code, statusCode, validation, validationContext } = error as Partial<FastifyError>
  if (validation !== undefined) return invalid(validation.map(issue => fieldError(issue, validationContext)))
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge()
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedMediaType()
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return badRequest('The body is empty.')
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') return badRequest('The body does not have the length it declares.')
  // The parser's own text quotes the body, which may hold a secret.
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || error instanceof SyntaxError) return badRequest('The body is not valid JSON.')
  if (code === 'FST_ERR_REQUEST_TIMEOUT') return new Problem('timeout')
  if (code === 'FST_ERR_SEND_INSIDE_ONERR') return new Problem('internal')
  if (isRedisOutage(error)) return unavailable(undefined, 2, error)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return badRequest('The request could not be understood.')
  return new Problem('internal', { cause: error })
}

interface Issue { instancePath: string, keyword: string, params: Record<string, unknown>, message?: string }

/** Where and why, without the value: a validation error must not echo a secret. */
function fieldError (issue: Issue, context: string | undefined): FieldError {
  // Below `values` secrets are typed in, and one pasted into the place of a name is not repeated either.
  const unknown = issue.instancePath.startsWith('/values') ? undefined : issue.params.additionalProperty
  const field = issue.params.missingProperty ?? unknown
  const path = `${context === 'body' || context === undefined ? '' : `/${context}`}${issue.instancePath}${typeof field === 'string' ? `/${field.slice(0, 100)}` : ''}`
  // Keys and tokens: the one pattern that people meet, most of them by a blank at its end.
  if (issue.params.pattern === oneLine) return { path, message: 'must be one line of ASCII, without spaces' }
  const message = issue.keyword === 'additionalProperties' ? unknown === undefined ? 'has a field that is not known here' : 'is not known here' : issue.keyword === 'required' ? 'is missing' : issue.message ?? 'is not valid'
  return { path: path === '' ? '/' : path, message }
}

export function isRedisOutage (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'MaxRetriesPerRequestError' || /Connection is closed|Stream isn't writeable|Command timed out|^(LOADING|READONLY|OOM|MISCONF|CLUSTERDOWN|NOAUTH|WRONGPASS)/.test(error.message)
}
