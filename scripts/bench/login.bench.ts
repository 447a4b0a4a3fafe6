import argon2 from 'argon2'
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { Pool } from 'undici'
import { startBareHashing, startBareRoute } from './baseline.ts'
import { hashOf, randomSecret } from '../../services/auth/secret-values.ts'
import { compare } from './compare.ts'
import { makeCrowd } from './crowd.ts'
import { onAurora } from './place.ts'
import { edgeTo, rateOf } from './rate.ts'

/**
 * What a login costs beside its hash, and what a flood of logins takes from those who are signed in: logins per second, each from a browser that its person has
 * used before, as nearly all are, against bare argon2 verifications of the same parameters, as many at once; and a session check (p99) during that flood against a bare route beside as many argon2 threads.
 */
const atOnce = 8
const seconds = Number(process.env['BENCH_SECONDS'] ?? 5)
const password = 'a password that is right'

await onAurora(async aurora => {
  const digest = await argon2.hash(password, { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 })
  // One login at a time for each of them.
  const people = await makeCrowd(aurora, { count: 64, digest })
  const bare = await startBareRoute(aurora.directory)
  const hashing = await startBareHashing(digest, availableParallelism())
  const service = edgeTo(aurora.directory, 'auth', aurora.ports['auth'] ?? 0, atOnce)
  const [checks, nothing] = [edgeTo(aurora.directory, 'auth', aurora.ports['auth'] ?? 0, 1), edgeTo(aurora.directory, 'auth', bare.port, 1)]
  const cookie = people[0]?.cookie ?? ''
  const devices = people.map(() => randomSecret())
  await aurora.sql()`
    insert into auth.devices (person_id, secret_hash)
    select person, decode(hash, 'hex')
    from unnest(${people.map(({ person }) => person)}::uuid[], ${devices.map(secret => hashOf(secret).toString('hex'))}::text[]) as _ (person, hash)`
  let turn = 0

  const login = () => {
    const who = turn++ % people.length
    return {
      request: {
        method: 'POST' as const,
        path: '/api/auth/login',
        headers: { 'content-type': 'application/json', origin: aurora.url, cookie: `__Host-aurora-device=${devices[who] ?? ''}`, 'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}` },
        body: JSON.stringify({ email: people[who]?.email, password })
      },
      status: 200
    }
  }
  const flood = (length: number) => rateOf(service, { readers: atOnce, seconds: length, next: login })

  try {
    const rate = await compare({
      name: 'login',
      says: 'Logins through the service against bare argon2 verifications: per second.',
      unit: '/s',
      goal: 0.85,
      better: 'higher',
      subject: () => flood(seconds),
      baseline: () => hashing.rate(atOnce, seconds)
    })
    const calm = await compare({
      name: 'session-check',
      says: 'A session check during that flood against a bare route beside as many argon2 threads: p99, milliseconds.',
      unit: 'ms',
      goal: 2,
      better: 'lower',
      subject: () => slowest(checks, '/internal/authorize', { cookie, origin: aurora.url, 'x-aurora-audience': 'incidents', 'x-original-method': 'GET' }, flood(seconds + 0.5)),
      baseline: () => slowest(nothing, '/', {}, hashing.rate(atOnce, seconds + 0.5))
    })
    return rate && calm
  } finally {
    await Promise.all([service.close(), checks.close(), nothing.close()])
    bare.stop()
    hashing.stop()
  }
})

/** The 99th of a hundred requests, sent one after the other while the flood runs. */
async function slowest (pool: Pool, path: string, headers: Record<string, string>, flood: Promise<unknown>): Promise<number> {
  const times: number[] = []
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) {
    const began = performance.now()
    const { statusCode, body } = await pool.request({ method: 'GET', path, headers })
    await body.dump()
    if (statusCode !== 200) throw new Error(`An answer that is none: ${statusCode}`)
    times.push(performance.now() - began)
  }
  await flood
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN
}
