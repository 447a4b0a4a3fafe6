import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { tlsTo } from '#shared/client'
import { openStores } from '#shared/testing/stores'
import { mintIn } from '#shared/testing/peer'
import { readIdentity } from '#shared/tls'
import { startAurora } from '../../infra/parts/aurora.ts'
import { compare } from './compare.ts'

/**
 * What the walls cost: GET /api/incidents (50 rows) at the service as the edge calls it (mutual TLS, bound token, limiter in Redis, Row-Level
 * Security, schemas both ways) against the same query on a bare Fastify over plain HTTP. Both are a process of their own with ten connections to
 * the same PostgreSQL; the same client asks both, over as many kept-alive connections. Requests per second.
 */
const seconds = Number(process.env['BENCH_SECONDS'] ?? 4)
const readers = 16
const organisation = '018f0000-0000-7000-8000-0000000000aa'
const directory = await mkdtemp(join(tmpdir(), 'aurora-bench-'))
const aurora = await startAurora({ directory, port: 0, durable: false, settings: { incidents: { REQUESTS_PER_MINUTE: '100000000' } } })
const stores = openStores(directory, aurora.ports)
let bare: { process: ChildProcess, url: string } | undefined

try {
  await fill()
  bare = await startBare()
  const identity = readIdentity(join(directory, 'certificates', 'edge'))
  const service = new Pool(`https://127.0.0.1:${aurora.ports['incidents']}`, { connections: readers, connect: tlsTo('incidents', identity) })
  const plain = new Pool(bare.url, { connections: readers })
  const { signingKeys } = await stores.ownValues('auth')
  const claims = { sub: '018f0000-0000-7000-8000-000000000001', org: organisation, role: 'viewer', scope: 'incident:read', aud: 'incidents' }
  // what the edge sends; a token lives a minute, so each round has its own, as each minute at the edge does
  const headers = async () => ({ authorization: `Bearer ${await mintIn(directory, signingKeys ?? '[]', claims, 'edge')}`, 'x-request-id': randomBytes(16).toString('hex') })

  const reached = await compare({
    name: 'list',
    says: 'GET /api/incidents with everything on against the same query on a bare Fastify over plain HTTP: requests per second.',
    subject: async () => await rate(service, await headers()),
    baseline: async () => await rate(plain, {}),
    goal: 0.6,
    better: 'higher',
    unit: '/s'
  })
  process.exitCode = reached ? 0 : 1
  await Promise.all([service.close(), plain.close()])
} finally {
  bare?.process.kill()
  await aurora.close()
  await rm(directory, { recursive: true, force: true })
}

/** A hundred organisations with a thousand incidents each, so that the list has to find its fifty. */
async function fill (): Promise<void> {
  const sql = stores.sql()
  await sql`
    insert into incidents.incidents (org_id, number, title, severity, status, source, service, alert_count)
    select case o when 1 then ${organisation}::uuid else md5('organisation ' || o)::uuid end, n, 'Instance 10.0.0.' || n || ' is down', 'critical',
      'triggered', 'alertmanager', 'api', 1
    from generate_series(1, 100) as o, generate_series(1, 1000) as n`
  await sql`analyze incidents.incidents`
}

async function startBare (): Promise<{ process: ChildProcess, url: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'list', 'bare.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BENCH_DIRECTORY: directory, BENCH_POSTGRES_PORT: String(aurora.ports['postgres']), BENCH_ORGANISATION: organisation }
  })
  const [url] = await once(child.stdout, 'data') as [Buffer]
  return { process: child, url: String(url).trim() }
}

async function rate (pool: Pool, headers: Record<string, string>): Promise<number> {
  const began = performance.now()
  const until = began + seconds * 1_000
  let done = 0
  await Promise.all(Array.from({ length: readers }, async () => {
    while (performance.now() < until) {
      const { statusCode, body } = await pool.request({ method: 'GET', path: '/api/incidents', headers })
      const text = await body.text()
      if (statusCode !== 200 || text.length < 5_000) throw new Error(`An answer that is none: ${statusCode} ${text.slice(0, 200)}`)
      done++
    }
  }))
  return done / ((performance.now() - began) / 1_000)
}
