import type postgres from 'postgres'
import { chainOf, nameOf } from './chain.ts'
import { chainsIn, checkCoverage, checkEnd, checkSignatures } from './inside.ts'
import { createSignatureCheck, type PublicKeys } from './keys.ts'
import { compareOutside, type Outside } from './outside.ts'
import type { Report } from './report.ts'
import { sealLogOf } from './seal-log.ts'
import { walk } from './walk.ts'

export interface VerifyOptions {
  sql: postgres.Sql
  keys: PublicKeys
  /** Folder with the heads that the sealer wrote out. */
  heads: string
  /** One organisation's chain and no other; null is what has none. */
  organisation?: string | null | undefined
  /** What happened later need not be signed outside: for a copy of the heads from then. Default: a minute ago. */
  until?: Date | undefined
}

/** Milliseconds that the sealer has to sign a row and write its head out. */
const grace = 60_000

/**
 * Proves that the audit log is the one that was sealed. Nothing is believed that the owner of the database could have rewritten together with the rows: hashes are
 * recomputed here and not by the database's functions, signatures are checked with the public key of Transit, and the chain has to agree with every head that the
 * sealer wrote outside.
 *
 * The order matters, since all this is being written meanwhile: first how long the log of heads is, then one snapshot of the database. So whatever is read
 * of the log is in the snapshot, unless somebody took it away.
 */
export async function verifyAudit (report: Report, { sql, keys, heads, organisation, until = new Date(Date.now() - grace) }: VerifyOptions): Promise<void> {
  const files = await sealLogOf(heads)
  const check = createSignatureCheck(keys)
  const only = organisation === undefined ? null : chainOf(organisation)

  await sql.begin('isolation level repeatable read read only', async snapshot => {
    // For an administrator who is no superuser; a superuser has the same before it.
    await snapshot`set local role aurora_audit`
    const outside = await compareOutside(snapshot, report, { files, check, only })
    const hasLog = outside.size > 0
    if (!hasLog) {
      report.failed(`There are no signed heads ${only === null ? '' : `of ${nameOf(only)} `}in ${heads}. Whoever owns the database could have rewritten all of it: without the heads outside nothing proves the opposite.`)
    }
    const chains = only === null ? [...new Set([...await chainsIn(snapshot), ...outside.keys()])].sort() : [only]
    for (const chain of chains) await verifyChain(snapshot, report, { chain, outside: outside.get(chain), check, hasLog, until })
  })
}

interface ChainOptions { chain: string, outside: Outside | undefined, check: ReturnType<typeof createSignatureCheck>, hasLog: boolean, until: Date }

async function verifyChain (sql: postgres.ISql, report: Report, { chain, outside, check, hasLog, until }: ChainOptions): Promise<void> {
  const walked = await walk(sql, chain)
  const signatures = await checkSignatures(sql, chain, check)
  const covered = BigInt(outside?.last.position ?? 0)
  const findings = [
    ...walked.broken,
    ...await checkEnd(sql, chain, walked),
    ...signatures.findings,
    ...outside === undefined ? [] : disagreements(outside, walked.last.position),
    // Without a log it was said once that nothing is covered.
    ...await checkCoverage(sql, chain, { covered: hasLog ? covered : walked.last.position, by: until })
  ]
  for (const finding of findings) report.failed(`${nameOf(chain)}: ${finding}`)
  if (findings.length > 0) return
  const within = `${nameOf(chain)}: ${walked.length} rows are the ones that were sealed, ${signatures.count} signatures in the database are Transit's`
  if (outside === undefined) report.note(`${within}; no head of it is outside`)
  else report.passed(`${within}, ${outside.heads} heads outside agree, the last at position ${covered}${walked.last.position > covered ? ` (${walked.last.position - covered} newer rows are not signed outside yet)` : ''}`)
}

/** What the heads outside say against the chain. They were written when it was theirs: it is the chain that has changed. */
function disagreements ({ lost, other, last }: Outside, end: bigint): string[] {
  return [
    ...lost === null
      ? []
      : [BigInt(lost.first.position) > end
          ? `its end is gone: it ends at position ${end}, and position ${last.position} was signed at ${last.at} (${last.where})`
          : `position ${lost.first.position} is missing, which was signed at ${lost.first.at} (${lost.first.where})`],
    ...other === null
      ? []
      : [`it was rewritten: position ${other.first.position} is not the one that was signed at ${other.first.at} (${other.first.where}); ${other.count} signed heads disagree`]
  ]
}
