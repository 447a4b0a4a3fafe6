/** A second process of a service on the parts of the running system, reached past the edge as the edge would reach it. */
import { join } from 'node:path'
import type { Folder } from '../../infra/parts/folder.ts'
import { readOutside } from '../../infra/parts/outside.ts'
import { freePorts } from '../../infra/parts/ports.ts'
import { servicePart } from '../../infra/parts/services.ts'
import { settingsFor } from '../../infra/parts/settings.ts'
import { services, type ServiceName } from '../peers.ts'
import type { System } from './system.ts'

let replicas = 0

export async function startReplicaOf (aurora: Pick<System, 'directory' | 'ports'>, service: ServiceName, settings: Record<string, string> = {}) {
  const { directory } = aurora
  const name = `${service}-replica-${process.pid}-${replicas++}`
  const port = (of: string) => aurora.ports[of] as number
  const [listen, metrics] = await freePorts(2) as [number, number]
  const of = (suffix: string) => Object.fromEntries(services.map(each => [each, port(each + suffix)])) as Record<ServiceName, number>
  const addresses = settingsFor({}, readOutside({}), {
    postgres: port('postgres'), vault: port('vault'), state: port('valkey-state'), cache: port('valkey-cache'), edge: port('edge')
  }, { [service]: settings })
  const folder = { directory, path: (...names: string[]) => join(directory, ...names) } as Folder
  const watcher = () => ({ name, log: folder.path('logs', `${name}.log`), onProcess () {}, say () {} })
  const part = servicePart(service, folder, watcher, { listen: { ...of(''), [service]: listen }, metrics: { ...of('-metrics'), [service]: metrics } }, addresses)
  await part.start()
  return { port: listen, metrics, stop: part.stop, log: folder.path('logs', `${name}.log`) }
}
