/** What the tests of rotation share: the operator's orders, a load that counts what failed, and a way past the edge to one replica. */
import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceName } from '#shared/peers'
import { openPeer } from '#shared/testing/peer'
import { eventually, system, type Person } from '#shared/testing/system'

const aurora = await system()
const operator = await aurora.peer('setup')

export type Ring = 'signing' | 'cookie'
export interface KeyState { ring: Ring, id: string, state: 'next' | 'current' | 'retired', created: string, since: string }

export const rotate = (ring: Ring, compromised = false) => operator.request('auth', 'POST', '/internal/operator/rotate-keys', { body: { ring, compromised } })

export async function keysOf (ring: Ring): Promise<KeyState[]> {
  const { body } = await operator.request('auth', 'GET', '/internal/operator/keys')
  return (body.keys as KeyState[]).filter(key => key.ring === ring)
}

export const current = async (ring: Ring): Promise<string> => (await keysOf(ring)).find(({ state }) => state === 'current')?.id ?? ''

/** Until another key than this one is in use. */
export const untilReplaced = (ring: Ring, old: string) => eventually(async () => {
  const now = await current(ring)
  return now !== old && now
}, `another ${ring} key`, 30)

/** One replica of auth as the edge would ask it. */
export async function edgeAt (port: number) {
  const edge = await openPeer(aurora.directory, { ...aurora.ports, auth: port }, 'edge')
  const authorize = (cookie: string, audience: ServiceName = 'incidents') => edge.request('auth', 'GET', '/internal/authorize', {
    headers: { 'x-aurora-audience': audience, 'x-original-method': 'GET', 'x-original-uri': '/api/incidents', cookie }
  })
  return {
    authorize,
    token: async (cookie: string, audience: ServiceName = 'incidents') => String((await authorize(cookie, audience)).headers['x-aurora-token']),
    login: ({ email, password }: Person) => edge.request('auth', 'POST', '/api/auth/login', { body: { email, password }, headers: { 'sec-fetch-site': 'same-origin', 'x-forwarded-for': '203.0.113.9' } })
  }
}

/** Work that goes on until it is stopped; answers how often it was done and what was not as it should be. */
export function repeatedly (work: () => Promise<string | null>, pause: number) {
  const failures: string[] = []
  let done = 0
  const stopping = new AbortController()
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const failure = await work().catch(String)
      if (failure !== null) failures.push(failure)
      done++
      await delay(pause)
    }
  })()
  return {
    done: () => done,
    failures,
    async stop () {
      stopping.abort()
      await running
    }
  }
}

const paths = ['/api/auth/session', '/api/incidents', '/api/chat/sessions', '/api/connections']

/** Someone at all four services, below the limit of a hundred a minute. */
export function busy (person: Person) {
  let turn = 0
  return repeatedly(async () => {
    const path = paths[turn++ % paths.length] as string
    const { status, text } = await person.request('GET', path)
    return status === 200 ? null : `${path}: ${status} ${text.slice(0, 200)}`
  }, 170)
}
