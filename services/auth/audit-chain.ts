import type { Database, Scope, Sql } from '#shared/database'

export interface Verdict {
  /** The position up to which the chain was walked. */
  sealed: number
  /** Whether that is its end. */
  complete: boolean
  /** Rows that wait to be chained. */
  unsealed: number
  /** The last position whose head is signed. */
  signed: number | null
  /** The first position that does not hold. */
  broken: number | null
  reason: string | null
}

/** Rows of one statement: a fraction of a second, where ten end it. */
const part = 20_000

const verifyPart = (sql: Sql, organisation: string | null, after: number, most: number) => sql<Array<Record<'sealed' | 'unsealed', string> & Record<'signed' | 'broken', string | null> & { complete: boolean, reason: string | null }>>`
  select sealed, complete, unsealed, signed, broken, reason
  from audit.verify(${organisation}, ${after}, ${most})`

/** Walks the chain of the scope's organisation, after a position, to its end, to what does not hold, or for so many milliseconds. */
export async function verifyChain (database: Pick<Database, 'inScope'>, scope: Scope, after: number, { milliseconds, most = part }: { milliseconds: number, most?: number }): Promise<Verdict> {
  const deadline = Date.now() + milliseconds
  for (let from = after; ;) {
    const [row] = await database.inScope(scope, sql => verifyPart(sql, scope.organisation, from, most))
    if (row === undefined) throw new Error('audit.verify answered nothing')
    const verdict = { ...row, sealed: Number(row.sealed), unsealed: Number(row.unsealed), signed: numberOf(row.signed), broken: numberOf(row.broken) }
    if (verdict.broken !== null || verdict.complete || Date.now() > deadline) return verdict
    from = verdict.sealed
  }
}

const numberOf = (text: string | null): number | null => text === null ? null : Number(text)
