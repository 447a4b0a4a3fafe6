/** A second process of chat on the parts of the running system, reached past the edge as the edge would reach it. */
import { services } from '#shared/peers'
import type { Person, System } from '#shared/testing/system'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { Folder } from '../../../infra/parts/folder.ts'
import { readOutside } from '../../../infra/parts/outside.ts'
import { freePorts } from '../../../infra/parts/ports.ts'
import { servicePart } from '../../../infra/parts/services.ts'
import { settingsFor } from '../../../infra/parts/settings.ts'
import { chatOn } from './client.ts'

const NAME = 'chat-replica'

export async function startReplica (aurora: System) {
  const { directory, modelPort } = aurora
  const port = (name: string) => aurora.ports[name] as number
  const [listen, metrics] = await freePorts(2) as [number, number]
  const of = (suffix: string) => Object.fromEntries(services.map(name => [name, port(name + suffix)])) as Record<typeof services[number], number>
  const addresses = settingsFor({}, readOutside({}), {
    postgres: port('postgres'), vault: port('vault'), state: port('valkey-state'), cache: port('valkey-cache'), edge: port('edge')
  }, { chat: { MODEL_ALLOWED_HOSTS: `127.0.0.1:${modelPort}` } })
  const folder = { directory, path: (...names: string[]) => join(directory, ...names) } as Folder
  const watcher = () => ({ name: NAME, log: folder.path('logs', `${NAME}.log`), onProcess () {}, say () {} })
  const part = servicePart('chat', folder, watcher, { listen: { ...of(''), chat: listen }, metrics: { ...of('-metrics'), chat: metrics } }, addresses)
  await part.start()

  const file = (...names: string[]) => readFileSync(folder.path('certificates', ...names))

  return {
    stop: part.stop,

    /** With the token that the edge would have got for this person's cookie. */
    async openChat (person: Person) {
      const edge = await aurora.peer('edge')
      const { headers } = await edge.request('auth', 'GET', '/internal/authorize', {
        headers: { cookie: person.cookie(), origin: aurora.url, 'x-aurora-audience': 'chat', 'x-original-method': 'GET', 'x-original-upgrade': 'websocket' }
      })
      await edge.close()
      const options = {
        servername: 'chat',
        cert: file('edge', 'cert.pem'),
        key: file('edge', 'key.pem'),
        ca: file('setup', 'ca.pem'),
        headers: { authorization: `Bearer ${String(headers['x-aurora-token'])}`, origin: aurora.url }
      }
      return chatOn(new WebSocket(`wss://127.0.0.1:${listen}/api/chat/ws`, options))
    }
  }
}
