import closeWithGrace from 'close-with-grace'
import { once } from 'node:events'
import type { Static, TObject, TProperties } from 'typebox'
import { ConfigError, loadConfig, type BaseConfig } from './config.ts'
import { createService, type ServiceOptions } from './service.ts'

/** What each service's server.ts says of itself. */
export interface StartOptions<P extends TProperties, C extends BaseConfig & Static<TObject<P>>> extends Omit<ServiceOptions<C>, 'config' | 'ownSecrets'> {
  fields: P
  ownSecrets?: (config: C) => Promise<Record<string, string>>
}

/**
 * The process of a service: configuration, service, listeners, shutdown. SIGTERM and SIGINT drain within SHUTDOWN_SECONDS; a second one exits at once.
 */
export async function start<P extends TProperties, C extends BaseConfig & Static<TObject<P>>> (options: StartOptions<P, C>): Promise<void> {
  const config = configOrExit<C>(options.fields)
  const stop = new AbortController()
  let close = async () => {}
  closeWithGrace({ delay: config.SHUTDOWN_SECONDS * 1000, logger: { error: () => {} } as unknown as Console }, async ({ err, signal }) => {
    if (err !== undefined) process.stderr.write(`${JSON.stringify({ level: 'fatal', service: options.name, event: 'process.failed', message: err.message, stack: err.stack })}\n`)
    stop.abort(signal)
    await close()
  })
  const { ownSecrets, fields: _fields, ...rest } = options
  const app = await createService<C>({ ...rest, config, signal: stop.signal, ...(ownSecrets === undefined ? {} : { ownSecrets: () => ownSecrets(config) }) })
  close = () => app.close()
  app.health.server.listen(config.METRICS_PORT, config.METRICS_HOST)
  await once(app.health.server, 'listening')
  await app.listen({ host: config.LISTEN_HOST, port: config.LISTEN_PORT })
}

function configOrExit<C> (fields: TProperties): C {
  try {
    return loadConfig(fields, process.env) as C
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
