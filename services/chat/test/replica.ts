/** A second process of chat, reached past the edge as the edge would reach it. */
import { startReplicaOf } from '#shared/testing/replica'
import type { Person, System } from '#shared/testing/system'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { chatOn } from './client.ts'

export async function startReplica (aurora: System) {
  const { port, stop } = await startReplicaOf(aurora, 'chat', { MODEL_ALLOWED_HOSTS: `127.0.0.1:${aurora.modelPort}` })
  const file = (...names: string[]) => readFileSync(join(aurora.directory, 'certificates', ...names))

  return {
    stop,

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
      return chatOn(new WebSocket(`wss://127.0.0.1:${port}/api/chat/ws`, options))
    }
  }
}
