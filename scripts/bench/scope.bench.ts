import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { openDatabase } from '#shared/database'
import { readIdentity } from '#shared/tls'
import { tlsTo } from '#shared/client'
import { startAurora } from '../../infra/parts/aurora.ts'
import { compare, median } from './compare.ts'

/**
 * What the scope costs: a query in its transaction, in one flight, against the same query with nothing around it, over the same kind of connection
 * (TLS 1.3, the role of `secrets`). Microseconds at p50 of 2,000 queries, one after another.
 */
const directory = await mkdtemp(join(tmpdir(), 'aurora-bench-'))
const aurora = await startAurora({ directory, port: 0, durable: false })
const identity = readIdentity(join(directory, 'certificates', 'secrets'))
const password = (await readFile(join(directory, 'keys', 'secrets-database-password'), 'utf8')).trim()
const url = `postgres://aurora_secrets@127.0.0.1:${aurora.ports.postgres}/aurora`

const scoped = openDatabase({ url, password: () => password, connections: 1, identity: () => identity, service: 'bench' })
const bare = postgres(url, { password, max: 1, ssl: tlsTo('postgres', identity), onnotice: () => {} })
const scope = { organisation: '018f0000-0000-7000-8000-0000000000aa', person: '018f0000-0000-7000-8000-000000000001' }
const value = 42

async function p50 (query: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let count = 0; count < 2_000; count++) {
    const began = performance.now()
    await query()
    times.push((performance.now() - began) * 1_000)
  }
  return median(times)
}

try {
  const reached = await compare({
    name: 'scope',
    says: 'A scoped query in one flight against the same query bare: p50, microseconds.',
    subject: () => p50(() => scoped.inScope(scope, sql => sql`select ${value}::int as value, id from secrets.user_tokens where provider = 'gcp'`)),
    baseline: () => p50(() => bare`select ${value}::int as value, id from secrets.user_tokens where provider = 'gcp'`),
    goal: 1.15,
    better: 'lower',
    unit: 'us'
  })
  process.exitCode = reached ? 0 : 1
} finally {
  await scoped.close()
  await bare.end()
  await aurora.close()
  await rm(directory, { recursive: true, force: true })
}
