import { randomUUID } from 'node:crypto'
import { startBareRoute } from './baseline.ts'
import { compare } from './compare.ts'
import { makeCrowd, type Somebody } from './crowd.ts'
import { onAurora } from './place.ts'
import { edgeTo, rateOf } from './rate.ts'

/**
 * What the edge's question about each request costs (`/internal/authorize` at auth: cookie opened, session looked up in PostgreSQL, token) against a bare
 * Fastify route behind the same mutual TLS: with a token that is handed out again, and with one that is minted for the request. Requests per second.
 */
const readers = 16
const seconds = Number(process.env['BENCH_SECONDS'] ?? 3)
const audiences = ['incidents', 'chat', 'secrets']

await onAurora(async aurora => {
  // More than the minter remembers, asked for in turn: none is found there again.
  const many = await makeCrowd(aurora, { count: 8_000 })
  const few = many.slice(0, 8)
  const bare = await startBareRoute(aurora.directory)
  const service = edgeTo(aurora.directory, 'auth', aurora.ports['auth'] ?? 0, readers)
  const baseline = edgeTo(aurora.directory, 'auth', bare.port, readers)
  const asking = { readers, seconds }

  const question = ({ cookie }: Somebody, audience: string) => ({
    request: { method: 'GET' as const, path: '/internal/authorize', headers: { cookie, origin: aurora.url, 'x-aurora-audience': audience, 'x-original-method': 'GET', 'x-original-uri': '/api/incidents', 'x-request-id': id } },
    status: 200
  })
  const id = randomUUID().replaceAll('-', '')
  let turn = 0
  const from = (people: Somebody[]) => () => {
    const next = turn++
    return question(people[Math.floor(next / audiences.length) % people.length] as Somebody, audiences[next % audiences.length] as string)
  }
  const nothing = () => ({ request: { method: 'GET' as const, path: '/' }, status: 200 })

  try {
    const against = { unit: '/s', better: 'higher' as const, baseline: () => rateOf(baseline, { ...asking, next: nothing }) }
    const reused = await compare({
      ...against, name: 'authorize-reused', goal: 0.4, says: 'The edge’s question with a token that is handed out again, against a bare route: requests per second.', subject: () => rateOf(service, { ...asking, next: from(few) })
    })
    const minted = await compare({
      ...against, name: 'authorize-minted', goal: 0.2, says: 'The same with a token minted for each request.', subject: () => rateOf(service, { ...asking, next: from(many) })
    })
    return reused && minted
  } finally {
    await Promise.all([service.close(), baseline.close()])
    bare.stop()
  }
})
