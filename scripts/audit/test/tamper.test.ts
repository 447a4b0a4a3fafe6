import { join } from 'node:path'
import t from 'tap'
import type postgres from 'postgres'
import { system } from '#shared/testing/system'
import { append, sealed, settled, tamper, verification } from './sealed.ts'

/** Whoever administers the database changes what happened: each way of doing it is found, and named. Seven rows, three signed heads. */
const aurora = await system()

type Tampering = (sql: postgres.TransactionSql, organisation: string) => Promise<unknown>

const eventAt = (sql: postgres.TransactionSql, org: string, position: number) => sql`(select event_id from audit.chain where chain = ${org} and position = ${position})`

const change: Tampering = (sql, org) => sql`update audit.events set target = 'changed' where id = ${eventAt(sql, org, 3)}`

const remove: Tampering = (sql, org) => sql`delete from audit.events where id = ${eventAt(sql, org, 3)}`

const swap: Tampering = async (sql, org) => {
  const links = await sql<Array<{ position: string, hash: Buffer, event: string }>>`select position, hash, event_id as event from audit.chain where chain = ${org} and position in (3, 4)`
  await sql`delete from audit.chain where chain = ${org} and position in (3, 4)`
  for (const { position, hash, event } of links) {
    const other = links.find(link => link.event !== event)?.event ?? ''
    await sql`insert into audit.chain (chain, position, event_id, hash) values (${org}, ${position}, ${other}, ${hash})`
  }
}

const truncate: Tampering = async (sql, org) => {
  await sql`delete from audit.events where id in (select event_id from audit.chain where chain = ${org} and position > 4)`
  await sql`delete from audit.chain where chain = ${org} and position > 4`
}

/** Makes everything in the database right again from the rows: hashes, the head, and no signature that would say otherwise. */
const rebuild: Tampering = async (sql, org) => {
  const rows = await sql<Array<{ event: string }>>`select event_id as event from audit.chain join audit.events on events.id = event_id where chain = ${org} order by position`
  await sql`delete from audit.chain where chain = ${org}`
  await sql`delete from audit.signatures where chain = ${org} and position >= 3`
  for (const [index, { event }] of rows.entries()) {
    await sql`
      insert into audit.chain (chain, position, event_id, hash)
      select ${org}, ${index + 1}, id, sha256(coalesce((select hash from audit.chain where chain = ${org} and position = ${index}), audit.genesis(${org})) || audit.canonical(events))
      from audit.events
      where id = ${event}`
  }
  await sql`
    update audit.heads
    set position = ${rows.length}, signed = ${rows.length}, hash = (select hash from audit.chain where chain = ${org} and position = ${rows.length})
    where chain = ${org}`
}

const both = (first: Tampering, then: Tampering): Tampering => async (sql, org) => {
  await first(sql, org)
  await then(sql, org)
}

const unsigned: Tampering = (sql, org) => sql`delete from audit.signatures where chain = ${org} and position > 4`

const everything: Tampering = async (sql, org) => {
  await sql`delete from audit.events where org_id = ${org}`
  for (const table of ['chain', 'heads', 'signatures']) await sql.unsafe(`delete from audit.${table} where chain = '${org}'`)
}

const found: Array<[what: string, Tampering, ...findings: RegExp[]]> = [
  ['one row changed', change, /position 3: the row [0-9a-f-]{36} \(chat\.session\.deleted, \d{4}-.*Z\) is not the one that was sealed/],
  ['one row removed', remove, /position 3: the row [0-9a-f-]{36} is gone/],
  ['one row removed with its link', both(remove, (sql, org) => sql`delete from audit.chain where chain = ${org} and position = 3`), /position 3 is missing from the chain/],
  ['two rows that changed places', swap,
    /position 3: the row \S+ \(.*\) stands in the place of the row \S+, which is at position 4/,
    /position 4: the row \S+ \(.*\) stands in the place of the row \S+, which is at position 3/],
  ['the end cut off', truncate, /it ends at position 4, its head in audit\.heads at position 7/, /position 7 is signed in the database and not in the chain/, /its end is gone: it ends at position 4, and position 7 was signed at .*Z \(heads-/],
  ['the end cut off, the head set back and its signatures removed', both(both(truncate, unsigned), rebuild), /its end is gone: it ends at position 4, and position 7 was signed/],
  ['a row past append', (sql, org) => sql`insert into audit.events (service, org_id, action, target, outcome, detail, request_id) values ('chat', ${org}, 'chat.session.deleted', '', 'success', '{}', '')`, /a row is neither chained nor waiting/],
  ['a row changed and everything in the database made to agree', both(change, rebuild), /it was rewritten: position 4 is not the one that was signed at .*Z \(heads-.* line 2\); 2 signed heads disagree/],
  ['a row removed and everything in the database made to agree', both(remove, rebuild), /its end is gone: it ends at position 6/, /it was rewritten: position 4/],
  ['all of it removed', everything, /its end is gone: it ends at position 0, and position 7 was signed/],
  ['a signature in the database that is not Transit\'s', (sql, org) => sql`update audit.signatures set signature = 'vault:v1:' || ${Buffer.alloc(64, 7).toString('base64')} where chain = ${org} and position = 4`, /the signature in the database of position 4 is not by the key of the audit log/],
  ['a signature in the database of another hash', (sql, org) => sql`update audit.signatures set hash = ${Buffer.alloc(32, 7)} where chain = ${org} and position = 4`, /the signature in the database of position 4 is not by the key/]
]

for (const [what, tampering, ...findings] of found) {
  t.test(what, async t => {
    const log = await sealed(t, aurora)
    t.match(await verification(aurora, log), { passed: 1, failed: 0, text: /7 rows are the ones that were sealed, \d signatures in the database are Transit's, \d heads outside agree, the last at position 7$/ })
    await tamper(aurora, sql => tampering(sql, log.organisation))
    const { passed, failed, lines, text } = await verification(aurora, log)
    t.equal(passed, 0)
    t.ok(failed >= findings.length)
    t.ok(lines.every(line => line.startsWith(`FAILED  ${log.organisation}: `)), text)
    for (const finding of findings) t.match(text, finding)
  })
}

t.test('a rewritten chain that went on and was signed again is found by the heads of before', async t => {
  const log = await sealed(t, aurora)
  await tamper(aurora, sql => both(change, rebuild)(sql, log.organisation))
  await append(aurora, log.organisation, 1)
  await settled(aurora, log.organisation)
  const { text } = await verification(aurora, { ...log, heads: join(aurora.directory, 'seals') })
  t.match(text, /it was rewritten: position 4 is not the one/)
})
