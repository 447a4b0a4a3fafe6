import Fastify, { type FastifyInstance, type FastifyPluginAsync, type RouteOptions } from 'fastify'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { standIn } from './stand-in.ts'

type RoutePlugin = FastifyPluginAsync<Record<string, unknown>>

const decorations = [
  'serviceName', 'identity', 'ownSecrets', 'database', 'state', 'cache', 'peers', 'exchange', 'serviceToken', 'delegate', 'endDelegation', 'verifier',
  'revocations', 'metrics', 'health', 'limits', 'auth', 'keeper', 'place', 'vault', 'hashing'
]

/**
 * The routes that the edge may call, as the services declare them: every `services/<name>/routes/<file>.ts` is loaded
 * and its plugins (exports that end in `Routes`) declare their routes to a Fastify that never starts.
 */
export async function publicRoutes (repository: string): Promise<RouteOptions[]> {
  const files = await Array.fromAsync(glob('services/*/routes/**/*.ts', { cwd: repository }))
  const routes: RouteOptions[] = []
  for (const file of files.sort()) {
    const exported = await import(join(repository, file)) as Record<string, unknown>
    const plugins = Object.entries(exported).filter((entry): entry is [string, RoutePlugin] => entry[0].endsWith('Routes') && typeof entry[1] === 'function')
    if (plugins.length === 0) throw new Error(`${file} exports no plugin whose name ends in Routes`)
    for (const [, plugin] of plugins) routes.push(...await routesOf(plugin))
  }
  return routes.filter(isPublic)
}

async function routesOf (plugin: RoutePlugin): Promise<RouteOptions[]> {
  const app = Fastify({ exposeHeadRoutes: false })
  const routes: RouteOptions[] = []
  for (const name of decorations) if (!app.hasDecorator(name)) app.decorate(name, standIn)
  app.addHook('onRoute', route => { routes.push({ ...route }) })
  await app.register(async (instance: FastifyInstance) => { await plugin(instance, standIn as Record<string, unknown>) })
  return routes
}

function isPublic ({ url, config }: RouteOptions): boolean {
  return config?.callers?.includes('edge') === true && /^\/(api|hooks)\//.test(url)
}
