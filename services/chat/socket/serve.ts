/** Reads a socket: frames one after the other, each only while we know who is still allowed to speak. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Revocations } from '#shared/revocations'
import type { FastifyBaseLogger } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import type { Connection } from './connection.ts'
import { failureOf } from './failure.ts'
import { parseFrame } from './parse.ts'
import { respond, type Responder } from './respond.ts'

/** Frames that may wait their turn; nobody types this fast. */
const MAX_WAITING = 32
const FRESH_POLL_MS = 50

export function serve (socket: WebSocket, connection: Connection, responder: Responder, revocations: Revocations, log: FastifyBaseLogger): void {
  let waiting = 0
  let turn: Promise<void> = Promise.resolve()

  socket.on('message', (data, isBinary) => {
    if (!connection.isOpen()) return
    if (++waiting > MAX_WAITING) return connection.close('policy')
    turn = turn
      .then(() => take(data, isBinary))
      .catch(error => log.error({ event: 'chat.frame.failed', err: error }, 'a frame failed'))
      .finally(() => { waiting-- })
  })

  async function take (data: RawData, isBinary: boolean) {
    const parsed = parseFrame(data, isBinary)
    if ('wrong' in parsed) {
      connection.send({ v: 1, type: 'error', data: { code: 'validation', detail: parsed.wrong } })
      return connection.badFrame()
    }
    await untilFresh()
    if (!connection.isOpen()) return
    try {
      await respond(responder, connection, parsed.frame)
    } catch (error) {
      const { answer, expected } = failureOf(error, parsed.frame)
      if (!expected) log.error({ event: 'chat.frame.failed', err: error }, 'a frame failed')
      connection.send(answer)
    }
  }

  /** While revocations cannot be heard nothing new is taken; the heartbeat of sockets.ts ends this wait after 30 s. */
  async function untilFresh () {
    while (connection.isOpen() && !revocations.fresh()) await delay(FRESH_POLL_MS)
  }
}
