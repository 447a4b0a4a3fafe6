import type postgres from 'postgres'
import { organisationOf } from './chain.ts'
import type { createSignatureCheck } from './keys.ts'
import type { Walked } from './walk.ts'

/** Every chain that the database knows of in any of its tables. */
export async function chainsIn (sql: postgres.ISql): Promise<string[]> {
  const rows = await sql<Array<{ chain: string }>>`
    select chain from audit.chain
    union
    select chain from audit.heads
    union
    select chain from audit.signatures
    union
    select coalesce(org_id, '00000000-0000-0000-0000-000000000000') from audit.events`
  return rows.map(row => row.chain)
}

/** Whether the chain ends where the table of heads says. */
export async function checkEnd (sql: postgres.ISql, chain: string, { last }: Walked): Promise<string[]> {
  const [head] = await sql<Array<{ position: string, hash: Buffer }>>`select position::text, hash from audit.heads where chain = ${chain}`
  if (head === undefined) return last.position === 0n ? [] : ['its head is missing from audit.heads']
  if (BigInt(head.position) !== last.position) return [`it ends at position ${last.position}, its head in audit.heads at position ${head.position}`]
  return head.hash.equals(last.hash) ? [] : [`its head in audit.heads is another than its last link, position ${last.position}`]
}

/** Whether each signature that the database keeps is Transit's and of a head that is in the chain. The first that is not is named. */
export async function checkSignatures (sql: postgres.ISql, chain: string, check: ReturnType<typeof createSignatureCheck>): Promise<{ count: number, findings: string[] }> {
  const pages = sql<Array<{ position: string, hash: Buffer, signature: string, linked: Buffer | null }>>`
    select signatures.position::text, signatures.hash, signatures.signature, chain.hash as linked
    from audit.signatures
    left join audit.chain on chain.chain = signatures.chain and chain.position = signatures.position
    where signatures.chain = ${chain}
    order by signatures.position`.cursor(1_000)
  const findings: string[] = []
  let count = 0
  let more = 0
  for await (const page of pages) {
    for (const { position, hash, signature, linked } of page) {
      count++
      const worthless = check({ organisation: organisationOf(chain), position, hash: hash.toString('hex'), signature })
      const finding = worthless !== null
        ? `the signature in the database of position ${position} ${worthless}`
        : linked === null
          ? `position ${position} is signed in the database and not in the chain`
          : linked.equals(hash) ? null : `position ${position} is not the one that is signed in the database`
      if (finding === null) continue
      if (findings.length === 0) findings.push(finding)
      else more++
    }
  }
  return { count, findings: more === 0 ? findings : [...findings, `${more} more signatures in the database do not hold`] }
}

interface Unproven { waiting: string, stray: string, tail: string, unlogged: string | null }

/**
 * What no signature outside covers though it should by now: rows that wait to be chained, rows past the last head that was written out, a signature
 * that the log does not have. And rows that are neither chained nor waiting, which never came in by audit.append.
 */
export async function checkCoverage (sql: postgres.ISql, chain: string, { covered, by }: { covered: bigint, by: Date }): Promise<string[]> {
  const organisation = organisationOf(chain)
  const own = organisation === null ? sql`events.org_id is null` : sql`events.org_id = ${organisation}`
  const [row] = await sql<[Unproven]>`
    select (
      select count(*)
      from audit.events
      join audit.unsealed on unsealed.event_id = events.id
      where ${own} and events.at < ${by}
    ) as waiting, (
      select count(*)
      from audit.events
      left join audit.chain on chain.event_id = events.id and chain.chain = ${chain}
      left join audit.unsealed on unsealed.event_id = events.id
      where ${own} and chain.event_id is null and unsealed.event_id is null
    ) as stray, (
      select count(*)
      from audit.chain
      join audit.events on events.id = chain.event_id
      where chain.chain = ${chain} and chain.position > ${String(covered)} and events.at < ${by}
    ) as tail, (
      select max(position)::text
      from audit.signatures
      where signatures.chain = ${chain} and signatures.position > ${String(covered)} and signatures.at < ${by}
    ) as unlogged`
  return [
    ...row.stray === '0' ? [] : [`${rows(row.stray)} neither chained nor waiting to be: it did not come in by audit.append`],
    ...row.waiting === '0' ? [] : [`${rows(row.waiting)} from before ${by.toISOString()} and not chained: the sealer does not work`],
    ...row.unlogged === null ? [] : [`position ${row.unlogged} is signed in the database, and no head outside goes further than position ${covered}: the log of heads was cut`],
    ...row.tail === '0' ? [] : [`${rows(row.tail)} from before ${by.toISOString()} and past position ${covered}, the last that is signed outside: nothing proves them`]
  ]
}

const rows = (count: string): string => count === '1' ? 'a row is' : `${count} rows are`
