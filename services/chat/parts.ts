import type { FastifyBaseLogger } from 'fastify'
import type { Peers } from '#shared/client'
import type { Database } from '#shared/database'
import type { Grants } from '#shared/grants'
import type { StreamLog } from './stream/log.ts'
import type { Subscriber } from './stream/subscriber.ts'

/** What an answer needs to be written, without the request that asked for it. */
export interface Parts {
  database: Database
  peers: Peers
  exchange: Grants['exchange']
  streams: StreamLog
  subscriber: Subscriber
  /** `host:port` of models that the operator allows although they are local. */
  modelHosts: string[]
  log: FastifyBaseLogger
}
