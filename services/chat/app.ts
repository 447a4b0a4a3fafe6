import { background } from '#shared/background'
import { modelHostsIn } from '#shared/model-hosts'
import { personDataRoutes } from '#shared/person-data'
import type { FastifyInstance } from 'fastify'
import { createGenerations } from './answers/generations.ts'
import { sweep } from './answers/sweeper.ts'
import type { ChatConfig } from './config.ts'
import { countOpen } from './metrics.ts'
import type { Parts } from './parts.ts'
import { personData } from './person-data.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { socketRoutes } from './routes/socket.ts'
import { createSockets } from './socket/sockets.ts'
import { streamLog } from './stream/log.ts'
import { listeningRedis } from './stream/redis.ts'
import { subscriberOn } from './stream/subscriber.ts'

/** What an answer that is being written gets to end by itself at a shutdown. */
const GRACE_MS = 3_000

export async function app (app: FastifyInstance, { config }: { config: ChatConfig }) {
  const parts: Parts = {
    database: app.database,
    peers: app.peers,
    exchange: app.exchange,
    streams: streamLog(app.state),
    subscriber: subscriberOn(listeningRedis(app)),
    modelHosts: modelHostsIn(config.MODEL_ALLOWED_HOSTS),
    log: app.log
  }
  const generations = createGenerations(parts)
  const sockets = createSockets(app.revocations)
  app.revocations.onRevoked(generations.endRevoked)
  countOpen(app.metrics, { sockets: sockets.size, answers: generations.size })
  background(app, 'sweeper', signal => sweep(parts, signal))
  app.addHook('preClose', () => generations.close(GRACE_MS))

  await app.register(sessionRoutes)
  await app.register(socketRoutes, {
    sockets,
    origins: (config.ALLOWED_ORIGINS ?? config.PUBLIC_URL).split(',').map(origin => origin.trim()),
    responder: {
      parts,
      state: app.state,
      generations,
      onLimited: () => app.metrics.limited.inc({ limit: 'chat' })
    }
  })
  await app.register(personDataRoutes, personData(app))
}
