import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type postgres from 'postgres'
import type { Test } from 'tap'
import { eventually, type System } from '#shared/testing/system'
import type { SignedHead } from '../../../services/secrets/sealer/seal-log.ts'
import { placeOf } from '../place.ts'
import { createReport } from '../report.ts'
import { verifyAudit, type VerifyOptions } from '../verify.ts'

export interface Sealed {
  organisation: string
  /** A copy of this organisation's heads, to be tampered with. */
  heads: string
}

/** An organisation with seven rows that the running sealer chained, signed and wrote out, in three rounds. */
export async function sealed (t: Test, aurora: System): Promise<Sealed> {
  const person = await aurora.signUp()
  await settled(aurora, person.organisation)
  for (let round = 0; round < 2; round++) {
    await append(aurora, person.organisation, 3)
    await settled(aurora, person.organisation)
  }
  return { organisation: person.organisation, heads: await headsOf(t, aurora, person.organisation) }
}

/** So many rows in one transaction, so that they are chained and signed together. */
export const append = (aurora: System, organisation: string, rows: number) => aurora.sqlAs('chat', { organisation, person: null }, sql => sql`
  select count(audit.append('chat.session.deleted', n::text, 'success', '{}', 'test'))
  from generate_series(1, ${rows}::integer) n`)

/** All of it is chained, signed and written out. */
export const settled = (aurora: System, organisation: string) => eventually(async () => {
  const [verdict] = await aurora.sql()<Array<{ sealed: number, done: boolean }>>`select sealed::int, unsealed = 0 and signed = sealed as done from audit.verify(${organisation})`
  const lines = await linesOf(join(aurora.directory, 'seals'), organisation)
  return verdict?.done === true && lines.some(line => Number(line.position) === verdict.sealed)
}, 'the chain to be sealed, signed and written out', 20)

export async function linesOf (folder: string, organisation: string): Promise<SignedHead[]> {
  const texts = await Promise.all((await readdir(folder)).sort().map(file => readFile(join(folder, file), 'utf8')))
  return texts.join('').split('\n').filter(line => line.includes(organisation)).map(line => JSON.parse(line) as SignedHead)
}

export async function headsOf (t: Test, aurora: System, organisation: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'aurora-heads-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await writeHeads(folder, await linesOf(join(aurora.directory, 'seals'), organisation))
  return folder
}

export const headsFile = (folder: string): string => join(folder, 'heads-2025-01-01.jsonl')

export const writeHeads = (folder: string, lines: unknown[]): Promise<void> =>
  writeFile(headsFile(folder), lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))

/** What the owner of the server can do and no service can: write past triggers and policies. */
export const tamper = (aurora: System, work: (sql: postgres.TransactionSql) => Promise<unknown>) => aurora.sql().begin(async sql => {
  await sql`set local session_replication_role = replica`
  await work(sql)
})

/** The lines of a verification as the operator runs it, by default of all that there is by now. */
export async function verification (aurora: System, { organisation, heads }: Sealed, options: Partial<VerifyOptions> = {}) {
  const place = placeOf({ AURORA_DIRECTORY: aurora.directory })
  const sql = await place.openDatabase()
  const lines: string[] = []
  const { report, count } = createReport(line => lines.push(line))
  try {
    await verifyAudit(report, { sql, keys: await place.publicKeys(), heads, organisation, until: new Date(), ...options })
  } finally {
    await sql.end()
  }
  return { ...count, lines, text: lines.join('\n') }
}
