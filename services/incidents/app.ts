import type { FastifyInstance } from 'fastify'
import { background } from '#shared/background'
import { personDataRoutes } from '#shared/person-data'
import type { IncidentsConfig } from './config.ts'
import { createHookSecrets } from './hooks/secrets.ts'
import { createHub } from './live/hub.ts'
import { createStreams } from './live/streams.ts'
import { personData } from './person-data.ts'
import { hookRoutes } from './routes/hooks.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { integrationRoutes } from './routes/integrations.ts'
import { liveRoutes } from './routes/live.ts'
import { transitionRoutes } from './routes/transitions.ts'
import { createWorker } from './work/worker.ts'

export async function app (app: FastifyInstance, { config }: { config: IncidentsConfig }) {
  const secrets = createHookSecrets(app)
  const worker = createWorker(app)
  const hub = createHub(app)
  const streams = createStreams(app, hub, { atAll: config.LIVE_STREAMS, perPerson: config.LIVE_STREAMS_PER_PERSON })

  background(app, 'worker', signal => worker.run(signal))
  app.addHook('onReady', () => hub.listen())
  app.addHook('preClose', async () => {
    streams.close()
    hub.close()
  })

  await app.register(hookRoutes, { config, secrets, onAccepted: worker.wake })
  await app.register(integrationRoutes, { publicUrl: config.PUBLIC_URL, secrets })
  await app.register(incidentRoutes)
  await app.register(transitionRoutes)
  await app.register(liveRoutes, { streams })
  await app.register(personDataRoutes, personData(app))
}
