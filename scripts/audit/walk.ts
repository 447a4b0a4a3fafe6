import type postgres from 'postgres'
import { genesis, linksOf, nextHash, type Row } from './chain.ts'

export interface Walked {
  /** How many links there are. */
  length: number
  /** The position and hash of the last one. */
  last: { position: bigint, hash: Buffer }
  /** What does not hold, in words, by position. */
  broken: string[]
}

/** As many as are described one by one: a chain that was rewritten from its beginning is one finding and not a million. */
const most = 20

interface Mismatch { position: string, head: Buffer, hash: Buffer, row: Row }

/**
 * Recomputes every link from its row and the hash before it. After one that does not hold the walk goes on from the hash that stands there, so that each
 * changed row is named, and only that one.
 */
export async function walk (sql: postgres.ISql, chain: string): Promise<Walked> {
  let head = genesis(chain)
  let expected = 1n
  const walked: Walked = { length: 0, last: { position: 0n, hash: head }, broken: [] }
  const mismatches: Mismatch[] = []
  let more = 0

  for await (const { position, hash, event, row } of linksOf(sql, chain)) {
    const at = BigInt(position)
    if (at !== expected) say(`${at - expected === 1n ? `position ${expected} is` : `positions ${expected} to ${at - 1n} are`} missing from the chain`)
    // What stands behind a gap has lost what it was chained to: it is believed, and what follows is measured by it.
    else if (row === null) say(`position ${position}: the row ${event} is gone`)
    else if (!nextHash(head, row).equals(hash)) {
      if (mismatches.length < most) mismatches.push({ position, head, hash, row })
      else more++
    }
    head = hash
    expected = at + 1n
    walked.length++
    walked.last = { position: at, hash }
  }
  walked.broken.push(...explain(mismatches))
  if (more > 0) walked.broken.push(`${more} more positions do not hold`)
  return walked

  function say (finding: string) {
    if (walked.broken.length < most) walked.broken.push(finding)
    else more++
  }
}

/** A row that is not the one that was sealed was changed, or stands in the place of another. */
function explain (mismatches: Mismatch[]): string[] {
  return mismatches.map(({ position, head, hash, row }) => {
    const what = `position ${position}: the row ${row.id} (${row.action}, ${moment(row)})`
    const other = mismatches.find(each => each.row !== row && nextHash(head, each.row).equals(hash))
    return other === undefined ? `${what} is not the one that was sealed` : `${what} stands in the place of the row ${other.row.id}, which is at position ${other.position}`
  })
}

const moment = ({ at }: Row): string => new Date(Number(BigInt(at) / 1000n)).toISOString()
