import closeWithGrace from 'close-with-grace'
import { once } from 'node:events'
import type { Static, TObject, TProperties } from 'typebox'
import { ConfigError, loadConfig, type BaseConfig } from './config.ts'
import { redact } from './redact.ts'
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
  // What nobody caught leaves the process in an unknown state: it ends within a second and is started again, instead of draining what cannot end.
  process.on('uncaughtException', error => {
    if (isLateWrite(error)) return
    process.stderr.write(`${JSON.stringify({ level: 'fatal', service: options.name, event: 'process.failed', message: redact(error.message), stack: redact(error.stack ?? '') })}\n`)
    setTimeout(() => process.exit(1), 1_000)
    stop.abort(error)
    close().catch(() => {}).finally(() => process.exit(1))
  })
  closeWithGrace({ delay: config.SHUTDOWN_SECONDS * 1000, skip: ['uncaughtException'], logger: { error: () => {} } as unknown as Console }, async ({ err, signal }) => {
    if (err !== undefined) throw err
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

/**
 * postgres.js 3.4 plans a write for the next tick and finds its socket gone when the server closed it in between. The query has been rejected by then;
 * the error that nobody can catch must not end a service with each restart of PostgreSQL.
 */
function isLateWrite (error: Error): boolean {
  return error instanceof TypeError && /^\s*at Immediate\.nextWrite \(.*postgres\/src\/connection\.js/m.test(error.stack?.split('\n')[1] ?? '')
}
