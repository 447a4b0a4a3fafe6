import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { system } from '#shared/testing/system'
import { appendHeads, type SignedHead } from '../../../services/secrets/sealer/seal-log.ts'
import { headsFile, linesOf, sealed, tamper, verification, writeHeads } from './sealed.ts'

/** The heads outside are tampered with, or are not there: nothing is then said to be good that is not proved. */
const aurora = await system()
const mine = await sealed(t, aurora)
const other = await sealed(t, aurora)
const lines = await linesOf(mine.heads, mine.organisation)
const last = lines.at(-1) as SignedHead

async function withHeads (heads: unknown[]) {
  await writeHeads(mine.heads, heads)
  return await verification(aurora, mine)
}

t.test('the heads as they were written agree, also those that came twice', async t => {
  t.match(await withHeads(lines), { passed: 1, failed: 0 })
  t.match(await withHeads([...lines, ...lines]), { passed: 1, failed: 0, text: /6 heads outside agree/ })
})

const forgeries: Array<[string, SignedHead, RegExp]> = [
  ['a position', { ...last, position: '9' }, /^FAILED {2}heads-2025-01-01\.jsonl line 4: the signature of position 9 of \S+ is not by the key of the audit log/m],
  ['a hash', { ...last, hash: 'ab'.repeat(32) }, /line 4: the signature of position 7 of \S+ is not by the key/],
  ['another organisation\'s head under this one\'s name', { ...(await linesOf(other.heads, other.organisation)).at(-1) as SignedHead, organisation: mine.organisation }, /line 4: the signature of position 7 of \S+ is not by the key/],
  ['a signature', { ...last, signature: `vault:v1:${Buffer.alloc(64, 1).toString('base64')}` }, /line 4: the signature of position 7 of \S+ is not by the key/],
  ['a signature of a key that does not exist', { ...last, signature: last.signature.replace('v1', 'v7') }, /line 4: .* is by version 7 of the key, which is not among the public keys/],
  ['no signature', { ...last, signature: 'good' }, /line 4: .* is no signature/]
]
for (const [what, forged, finding] of forgeries) {
  t.test(`a forged head is found: ${what}`, async t => {
    t.match(await withHeads([...lines, forged]), { passed: 1, failed: 1, text: finding })
  })
}

t.test('a line that is no head is found', async t => {
  for (const text of ['garbage', '{}', '[]', 'null', JSON.stringify({ ...last, position: -1 }), JSON.stringify({ ...last, organisation: 'x' })]) {
    t.match(await withHeads([...lines, text]), { passed: 1, failed: 1, text: /^FAILED {2}heads-2025-01-01\.jsonl line 4 is no signed head/m }, text)
  }
})

t.test('a line that a crash cut off is no forgery, and takes nothing with it', async t => {
  await writeHeads(mine.heads, lines)
  await appendFile(headsFile(mine.heads), JSON.stringify(last).slice(0, 40).replace('{', '{"at":"2025-01-01T00:00:00Z",'))
  t.match(await verification(aurora, mine), { passed: 1, failed: 0, text: /^note {4}heads-2025-01-01\.jsonl line 4 was cut off/m })

  const folder = await mkdtemp(join(tmpdir(), 'aurora-heads-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await appendHeads(folder, lines.slice(0, 2))
  const file = join(folder, `heads-${new Date().toISOString().slice(0, 10)}.jsonl`)
  await appendFile(file, (await readFile(file, 'utf8')).slice(0, 60))
  await appendHeads(folder, lines.slice(2))
  t.match(await verification(aurora, { ...mine, heads: folder }), { passed: 1, failed: 0, text: /line 3 was cut off(.|\n)*3 heads outside agree, the last at position 7/ }, 'the sealer begins a line of its own after it')
})

t.test('heads that are missing at the end are missed', async t => {
  t.match(await withHeads(lines.slice(0, 2)), { passed: 0, failed: 2, text: /position 7 is signed in the database, and no head outside goes further than position 4: the log of heads was cut/ })
  await tamper(aurora, sql => sql`delete from audit.signatures where chain = ${mine.organisation} and position = 7`)
  t.match(await verification(aurora, mine), { passed: 0, failed: 1, text: /3 rows are from before .* and past position 4, the last that is signed outside: nothing proves them/ }, 'also when the database forgets them too')
  t.match(await verification(aurora, mine, { until: new Date(0) }), { passed: 1, failed: 0, text: /\(3 newer rows are not signed outside yet\)/ }, 'but a copy of the heads need not know what came after it')
  t.match(await withHeads(lines), { passed: 1, failed: 0 }, 'heads are worth more than signatures in the database')
})

t.test('an older part of the log may lie elsewhere: each head covers all before it', async t => {
  t.match(await withHeads(lines.slice(2)), { passed: 1, failed: 0, text: /1 heads outside agree, the last at position 7/ })
})

t.test('without heads nothing is good, and it is said why', async t => {
  for (const heads of [join(mine.heads, 'absent'), headsFile(mine.heads)]) {
    t.match(await verification(aurora, { ...mine, heads }), { passed: 0, failed: 1, text: /^FAILED {2}There are no signed heads of \S+ in .*nothing proves the opposite/m }, heads)
  }
  t.match(await withHeads([]), { passed: 0, failed: 1 })
  t.match(await withHeads(await linesOf(other.heads, other.organisation)), { passed: 0, failed: 1 }, 'another\'s are none')
})

t.test('rows that the sealer left lying are named', async t => {
  const add = () => aurora.sql()`
    with event as (
      insert into audit.events (at, service, org_id, action, target, outcome, detail, request_id)
      values (now() - interval '1 hour', 'chat', ${other.organisation}, 'chat.session.deleted', '', 'success', '{}', '')
      returning id, xact
    )
    insert into audit.unsealed (event_id, xact)
    select id, xact
    from event`
  // While this is held the running sealer has to leave the row alone.
  const { text } = await aurora.sql().begin(async sql => {
    await sql`select pg_advisory_xact_lock(hashtextextended('audit.seal', 0))`
    await add()
    return await verification(aurora, other, { until: new Date(Date.now() - 60_000) })
  })
  t.match(text, /a row is from before .* and not chained: the sealer does not work/)
})
