import type { FastifyPluginAsync } from 'fastify'
import { background } from '#shared/background'
import { modelHostsIn } from '#shared/model-hosts'
import { personDataRoutes } from '#shared/person-data'
import { personData } from './person-data.ts'
import { refreshPlugin } from './refresh/refresh-plugin.ts'
import { cloudConnectionRoutes } from './routes/cloud-connections.ts'
import { connectionTestRoutes } from './routes/connection-tests.ts'
import { connectionRoutes } from './routes/connections.ts'
import { connectionVersionRoutes } from './routes/connection-versions.ts'
import { credentialRoutes } from './routes/credentials.ts'
import { integrationSecretRoutes } from './routes/integration-secrets.ts'
import { serviceKeyRoutes } from './routes/service-keys.ts'
import { sealedValueRoutes } from './routes/sealed-values.ts'
import { serviceRoutes } from './routes/services.ts'
import { sealAudit } from './sealer/sealer.ts'
import { secretsPlugin } from './secrets-plugin.ts'
import { sweepDeletions } from './sweep.ts'
import { vaultPlugin, type Config } from './vault-plugin.ts'

export const app: FastifyPluginAsync<{ config: Config }> = async (app, { config }) => {
  await app.register(vaultPlugin, { config })
  await app.register(secretsPlugin, { config })
  await app.register(connectionRoutes)
  await app.register(connectionTestRoutes, { allowedHosts: modelHostsIn(config.MODEL_ALLOWED_HOSTS) })
  await app.register(connectionVersionRoutes)
  await app.register(cloudConnectionRoutes)
  await app.register(credentialRoutes)
  await app.register(integrationSecretRoutes)
  await app.register(serviceRoutes)
  await app.register(serviceKeyRoutes)
  await app.register(sealedValueRoutes)
  await app.register(personDataRoutes, personData(app))
  await app.register(refreshPlugin, { config })
  background(app, 'audit-sealer', signal => sealAudit(app, config.SEAL_LOG_DIRECTORY, signal))
  background(app, 'deletions', signal => sweepDeletions(app, signal))
}
