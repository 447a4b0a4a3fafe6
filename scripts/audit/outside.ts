import type postgres from 'postgres'
import { chainOf, nameOf } from './chain.ts'
import type { createSignatureCheck } from './keys.ts'
import type { Report } from './report.ts'
import { headsIn, type LogLine, type sealLogOf } from './seal-log.ts'

/** What the heads outside of the database say of one chain. */
export interface Outside {
  heads: number
  last: LogLine
  /** Heads that are not in the chain: the first of them, and how many there are. */
  lost: { first: LogLine, count: number } | null
  /** Heads that the chain has with another hash. */
  other: { first: LogLine, count: number } | null
}

interface Options {
  files: Awaited<ReturnType<typeof sealLogOf>>
  check: ReturnType<typeof createSignatureCheck>
  /** One chain and no other. */
  only: string | null
}

/** As many as are looked up at once. */
const batch = 1_000

/** Compares every head that was written out with the chain as it stands: it has to be Transit's, and the chain has to have exactly that hash there. */
export async function compareOutside (sql: postgres.ISql, report: Report, { files, check, only }: Options): Promise<Map<string, Outside>> {
  const chains = new Map<string, Outside>()
  let waiting: LogLine[] = []

  for await (const line of headsIn(files)) {
    if ('torn' in line) {
      if (line.torn) report.note(`${line.where} was cut off while it was written`)
      else report.failed(`${line.where} is no signed head`)
      continue
    }
    const chain = chainOf(line.organisation)
    if (only !== null && chain !== only) continue
    const worthless = check(line)
    if (worthless !== null) {
      report.failed(`${line.where}: the signature of position ${line.position} of ${nameOf(chain)} ${worthless}`)
      continue
    }
    waiting.push(line)
    if (waiting.length === batch) await compare()
  }
  await compare()
  return chains

  async function compare () {
    const found = await hashesAt(sql, waiting)
    for (const line of waiting) {
      const chain = chainOf(line.organisation)
      const outside = chains.get(chain) ?? { heads: 0, last: line, lost: null, other: null }
      chains.set(chain, outside)
      outside.heads++
      if (BigInt(line.position) >= BigInt(outside.last.position)) outside.last = line
      const hash = found.get(`${chain} ${line.position}`)
      if (hash === undefined) outside.lost = counted(outside.lost, line)
      else if (hash !== line.hash) outside.other = counted(outside.other, line)
    }
    waiting = []
  }
}

/** The lowest position is the one that says most. */
const counted = (known: Outside['lost'], line: LogLine) => known === null
  ? { first: line, count: 1 }
  : { first: BigInt(line.position) < BigInt(known.first.position) ? line : known.first, count: known.count + 1 }

async function hashesAt (sql: postgres.ISql, lines: LogLine[]): Promise<Map<string, string>> {
  const rows = await sql<Array<{ chain: string, position: string, hash: Buffer }>>`
    select chain.chain, chain.position::text, chain.hash
    from unnest(${lines.map(line => chainOf(line.organisation))}::uuid[], ${lines.map(line => line.position)}::bigint[]) as asked (chain, position)
    join audit.chain on chain.chain = asked.chain and chain.position = asked.position`
  return new Map(rows.map(({ chain, position, hash }) => [`${chain} ${position}`, hash.toString('hex')]))
}
