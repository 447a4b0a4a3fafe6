import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { badRequest, notFound, Problem, problemDocument, type ProblemCode } from './errors.ts'
import { send } from './problem-handler.ts'
import { endIfUpgrade } from './refused-upgrades.ts'

/** No hook adds the headers that make an answer safe by itself. */
const safe = { 'cache-control': 'no-store', 'content-security-policy': "default-src 'none'", 'x-content-type-options': 'nosniff' }

/**
 * What Fastify and Node refuse before there is a route, and so before any hook of ours. By themselves they answer in a form of their own that repeats
 * the target, and leave a connection open that asked for an upgrade.
 */
export function refuseTarget (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  endIfUpgrade(request, reply)
  reply.headers({ ...safe, 'x-request-id': request.id })
  // A name that is longer than any of ours names nothing.
  send(error.code === 'FST_ERR_BAD_URL' ? badRequest('The address could not be understood.') : notFound(), undefined, request, reply)
}

const unreadable: Record<string, [status: number, code: ProblemCode]> = {
  HPE_HEADER_OVERFLOW: [431, 'payload-too-large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'timeout']
}

/** The same for what is no request at all: there is nothing but the connection to answer on, and it ends. */
export function refuseConnection (error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [status, code] = unreadable[error.code ?? ''] ?? [400, 'bad-request']
  const id = randomBytes(16).toString('hex')
  const body = JSON.stringify({ ...problemDocument(new Problem(code), id), status })
  const headers = { ...safe, 'content-type': 'application/problem+json; charset=utf-8', 'content-length': Buffer.byteLength(body), 'x-request-id': id, connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status} \r\n${lines}\r\n${body}`, () => socket.destroy())
}
