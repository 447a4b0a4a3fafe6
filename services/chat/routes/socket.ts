import websocket from '@fastify/websocket'
import { badRequest, forbidden, limited, unavailable } from '#shared/errors'
import type { Delegation } from '#shared/grants'
import { personOf } from '#shared/principal'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Responder } from '../socket/respond.ts'
import { connectionOf } from '../socket/connection.ts'
import { serve } from '../socket/serve.ts'
import { HEARTBEAT_SECONDS, type Sockets } from '../socket/sockets.ts'
import { speakerOf } from '../speaker.ts'

const MAX_FRAME = 32 * 1024
const MAX_AGE_SECONDS = 3600

declare module 'fastify' {
  interface FastifyRequest {
    delegation: Delegation | null
  }
}

export interface SocketOptions {
  sockets: Sockets
  responder: Responder
  origins: string[]
}

/** `/api/chat/ws`. Everything that can refuse does so before the upgrade, as an ordinary problem. */
export async function socketRoutes (app: FastifyInstance, { sockets, responder, origins }: SocketOptions) {
  await app.register(websocket, {
    // compressing what an attacker chose beside what is secret tells lengths, and costs memory per socket
    options: { maxPayload: MAX_FRAME, perMessageDeflate: false },
    // a protocol error has been answered with its close code already; cutting at once would lose it
    errorHandler: (error, _socket, request) => { request.log.info({ event: 'chat.socket.error', err: error }, 'a socket failed') },
    preClose (done) {
      sockets.closeAll('restart')
      app.websocketServer.close()
      done()
    }
  })
  app.decorateRequest('delegation', null)

  app.get('/api/chat/ws', {
    websocket: true,
    schema: {
      tags: ['chat'],
      summary: 'WebSocket of the chat',
      description: 'Frames and close codes: services/chat/frames.ts and close-codes.ts.'
    },
    config: { callers: ['edge'], access: 'person', permission: 'chat:write' },
    preHandler: [checkUpgrade, checkRoom, delegate]
  }, (socket, request) => {
    const { delegation } = request
    if (delegation === null) return socket.terminate()
    const speaker = speakerOf(delegation, ended => { app.endDelegation(ended).catch(error => request.log.info({ err: error }, 'a delegation ends by itself')) })
    const expires = Math.min(delegation.expires, Date.now() + MAX_AGE_SECONDS * 1000)
    const connection = connectionOf(socket, speaker, expires)
    sockets.add(connection, listener => socket.on('close', listener))
    connection.send({ v: 1, type: 'hello', data: { heartbeat: HEARTBEAT_SECONDS, maximumAge: MAX_AGE_SECONDS, expires: new Date(expires).toISOString() } })
    serve(socket, connection, responder, app.revocations, request.log)
  })

  /** A page of another site can open a socket with the cookies of its visitor; it cannot choose its Origin. */
  async function checkUpgrade (request: FastifyRequest) {
    if (!origins.includes(request.headers.origin ?? '')) {
      request.log.warn({ event: 'access.refused', wall: 'origin' }, 'refused')
      app.metrics.refused.inc({ wall: 'origin' })
      throw forbidden('This origin may not open a socket.')
    }
    if (!request.ws) throw badRequest('This address speaks WebSocket.')
    if (!app.revocations.fresh()) throw unavailable('Sessions cannot be checked right now.')
  }

  async function checkRoom (request: FastifyRequest) {
    if (!sockets.hasRoomFor(personOf(request).id)) throw limited(10)
  }

  /** The token of the upgrade lives a minute; what the socket does for an hour needs a right of its own. */
  async function delegate (request: FastifyRequest) {
    request.delegation = await app.delegate(personOf(request), ['incidents', 'secrets'], ['incident:read', 'credential:read:openai'])
  }
}
