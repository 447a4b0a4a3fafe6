import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { WebSocket, type ClientOptions } from 'ws'
import { startReplicaOf } from '#shared/testing/replica'
import type { System } from '#shared/testing/system'
import { readIdentity } from '#shared/tls'
import { conclude } from './compare.ts'
import { makeCrowd, type Somebody } from './crowd.ts'
import { onAurora } from './place.ts'

/**
 * How long rights outlive their end: a thousand open sockets of an organisation's people at three processes of chat, and tokens that are in use at incidents and
 * at each of those; the organisation is deleted. Seconds from that request until the last socket is closed and the last token refused.
 */
const sockets = 1_000
const perPerson = 10
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5)

await onAurora(async aurora => {
  const replicas = [await startReplicaOf(aurora, 'chat'), await startReplicaOf(aurora, 'chat')]
  try {
    const ports = [aurora.ports['chat'] ?? 0, ...replicas.map(({ port }) => port)]
    console.log(`${sockets} sockets at ${ports.length} processes, their organisation deleted: seconds until the last is closed and the last token refused.`)
    const figures: number[] = []
    for (let round = 1; round <= rounds; round++) {
      const { closed, refused } = await once(aurora, ports)
      figures.push(Math.max(closed, refused))
      console.log(`  round ${round}: sockets ${closed.toFixed(3)} s, tokens ${refused.toFixed(3)} s`)
    }
    return conclude({ name: 'revoke', figures, goal: 1, better: 'lower' })
  } finally {
    for (const replica of replicas) await replica.stop()
  }
})

async function once (aurora: System, ports: number[]): Promise<{ closed: number, refused: number }> {
  const name = `Going ${randomUUID()}`
  const owner = await aurora.signUp({ organisation: name })
  const people = await makeCrowd(aurora, { count: sockets / perPerson, organisation: owner.organisation })
  const open = await openAll(aurora, people, ports)
  const ends: number[] = []
  for (const socket of open) socket.on('close', () => { ends.push(performance.now()) })
  const tokens = await Promise.all([tokenOf(aurora, people[0] as Somebody, 'incidents'), ...ports.map(() => tokenOf(aurora, people[0] as Somebody, 'chat'))])
  const edge = await aurora.peer('edge')
  // In use: verified and remembered by the service.
  const works = async () => (await edge.request('incidents', 'GET', '/api/incidents', { token: tokens[0] ?? '' })).status === 200
  if (!await works()) throw new Error('The token does not work before')

  const began = performance.now()
  const { status, text } = await owner.request('DELETE', '/api/organisations/current', { name })
  if (status !== 200) throw new Error(`Not deleted: ${status} ${text}`)
  while (await works()) await delay(5)
  const refused = performance.now()
  while (ends.length < open.length) {
    if (performance.now() - began > 10_000) throw new Error(`${open.length - ends.length} sockets are open after ten seconds`)
    await delay(5)
  }
  await edge.close()
  return { closed: (Math.max(...ends) - began) / 1_000, refused: (refused - began) / 1_000 }
}

async function tokenOf (aurora: System, { cookie }: Somebody, audience: string): Promise<string> {
  const edge = await aurora.peer('edge')
  const { headers } = await edge.request('auth', 'GET', '/internal/authorize', { headers: { cookie, origin: aurora.url, 'x-aurora-audience': audience, 'x-original-method': 'GET' } })
  await edge.close()
  return String(headers['x-aurora-token'])
}

/** Each person's sockets, spread over the processes, as the edge would open them. */
async function openAll (aurora: System, people: Somebody[], ports: number[]): Promise<WebSocket[]> {
  const { cert, key, ca } = readIdentity(join(aurora.directory, 'certificates', 'edge'))
  const open: WebSocket[] = []
  const inside = { servername: 'chat', cert, key, ca }
  for (const somebody of people) {
    const token = await tokenOf(aurora, somebody, 'chat')
    open.push(...await Promise.all(Array.from({ length: perPerson }, (_, index) => new Promise<WebSocket>((resolve, reject) => {
      const options: ClientOptions & ConnectionOptions = { ...inside, headers: { authorization: `Bearer ${token}`, origin: aurora.url } }
      const socket = new WebSocket(`wss://127.0.0.1:${ports[index % ports.length]}/api/chat/ws`, options)
      socket.once('open', () => resolve(socket))
      socket.once('error', reject)
    }))))
  }
  return open
}
