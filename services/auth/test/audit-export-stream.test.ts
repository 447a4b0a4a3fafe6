import t from 'tap'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { AuditRow } from '../audit-events.ts'
import { createExports } from '../audit-export.ts'

const key = { session: 's', person: 'p', organisation: 'o' }
const recorded = async () => {}
const statusOf = (asked: Promise<unknown>) => asked.then(() => 200, (error: { status?: number }) => error.status)

/** Exports over a log without end, which count what is asked of it. */
function endless (role: () => string | null = () => 'owner') {
  const asked = { pages: 0 }
  const row = (n: number): AuditRow => ({ id: String(n), at: new Date(0), service: 'auth', personId: null, personName: null, action: 'auth.logout', target: 'x'.repeat(100), outcome: 'success', detail: {}, requestId: '' })
  const page = async () => {
    asked.pages++
    return Array.from({ length: 500 }, (_, n) => row(n))
  }
  const app = {
    database: { inScope: page },
    auth: { sessions: { alive: async () => role() === null ? null : { role: role() } } }
  } as unknown as Pick<FastifyInstance, 'database' | 'auth'>
  return { asked, exports: createExports(app) }
}

/** Whatever is under way has had its chance to run. */
async function settled (): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
}

async function readPage (stream: Readable): Promise<void> {
  await once(stream, 'readable')
  stream.read()
}

t.test('a reader that stands still has one page read in advance and no further', async t => {
  const { asked, exports } = endless()
  const stream = await exports.begin(key, {}, 'json', recorded)
  for (let taken = 0; taken < 3; taken++) await readPage(stream)
  await settled()
  t.ok(asked.pages <= 5, `${asked.pages} pages`)
  stream.destroy()
})

t.test('without its row nothing is read, and nobody\'s place taken', async t => {
  const { asked, exports } = endless()
  for (let count = 0; count < 3; count++) await t.rejects(exports.begin(key, {}, 'csv', async () => { throw new Error('no row') }), { message: 'no row' })
  await settled()
  t.equal(asked.pages, 0)
})

t.test('nobody exports more than twice at once, and all together sixteen times', async t => {
  const { exports } = endless()
  const begin = (person: string) => exports.begin({ ...key, person }, {}, 'json', recorded)
  const first = await begin('p')
  t.strictSame(await Promise.all([begin('p'), begin('p')].map(statusOf)), [200, 429], 'also when they come together')
  first.destroy()
  await once(first, 'close')
  t.equal(await statusOf(begin('p')), 200)
  for (let n = 0; n < 14; n++) await begin(`other-${n}`)
  t.equal(await statusOf(begin('one-more')), 503)
})

for (const [what, role] of [['the session', null], ['the role', 'responder']] as const) {
  t.test(`who loses ${what} in the middle gets an error and no further page`, async t => {
    let now: string | null = 'owner'
    const { asked, exports } = endless(() => now)
    const stream = await exports.begin(key, {}, 'json', recorded)
    await readPage(stream)
    await settled()
    now = role
    const before = asked.pages
    t.equal(await statusOf(stream.forEach(() => {})), 403)
    t.equal(asked.pages, before)
  })
}
