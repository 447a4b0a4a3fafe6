import type { FastifyReply, FastifyRequest } from 'fastify'
import { stdSerializers, type LoggerOptions } from 'pino'
import { redact } from './redact.ts'

/**
 * pino JSON to standard output. Security events carry a stable name: `log.warn({ event: 'auth.login.failed' }, '…')`.
 * A request is logged by method and path only: query strings and headers may hold what must not be kept.
 */
export function logOptions (service: string, level: string): LoggerOptions {
  return {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: label => ({ level: label }) },
    redact: {
      paths: ['password', 'token', 'secret', 'cookie', 'authorization', 'values', 'headers', 'body'].flatMap(name => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[redacted]'
    },
    serializers: {
      req: (request: FastifyRequest) => ({ method: request.method, path: pathOf(request.url), peer: request.peer ?? undefined }),
      res: (reply: FastifyReply) => ({ status: reply.statusCode }),
      err: errorForLog
    },
    hooks: { streamWrite: redact }
  }
}

export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url

/** Name, code, text and stack: not the other fields, in which libraries keep requests, parameters and rows. */
function errorForLog (error: Error): Record<string, unknown> {
  const { type, message, stack } = stdSerializers.err(error)
  const code = (error as NodeJS.ErrnoException).code
  const cause = error.cause instanceof Error ? errorForLog(error.cause) : undefined
  return { type, message, ...(code === undefined ? {} : { code }), stack, ...(cause === undefined ? {} : { cause }) }
}
