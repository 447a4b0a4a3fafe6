import type { FastifyRequest } from 'fastify'
import { randomSecret } from '../secret-values.ts'
import type { Flow } from './flows.ts'

export type Departures = ReturnType<typeof createDepartures>

/** Browsers that are about to be sent to a provider. `remember` keeps a flow by its state before the browser leaves. */
export function createDepartures (remember: (state: string, flow: Flow) => Promise<void>) {
  const leaving = new WeakMap<FastifyRequest, Flow>()

  return {
    /** What the state of this request will stand for. */
    send (request: FastifyRequest, flow: Flow): void {
      leaving.set(request, flow)
    },

    /** The state of a request for which was said where its browser goes. */
    async begin (request: FastifyRequest): Promise<string> {
      const flow = leaving.get(request)
      if (flow === undefined) throw new Error('Nothing said where this browser is going')
      const state = randomSecret()
      await remember(state, flow)
      return state
    }
  }
}
