import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readPublicKeys } from './audit/keys.ts'
import { placeOf } from './audit/place.ts'
import { createReport } from './audit/report.ts'
import { verifyAudit } from './audit/verify.ts'

/**
 * `npm run audit -- verify [--organisation <id>|none] [--heads <folder>] [--keys <file>] [--until <moment>]`: proves that the audit log is the one that was sealed,
 * or says where it is not. `npm run audit -- keys <file>` writes the public keys of the signatures, for verifying without Vault.
 * Docs: docs/audit.md.
 */
const usage = 'npm run audit -- verify [--organisation <id>|none] [--heads <folder>] [--keys <file>] [--until <moment>], or npm run audit -- keys <file>'

async function verify (values: { organisation?: string | undefined, heads?: string | undefined, keys?: string | undefined, until?: string | undefined }): Promise<void> {
  const organisation = values.organisation === 'none' ? null : values.organisation
  if (typeof organisation === 'string' && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(organisation)) throw new Error('--organisation is the id of an organisation, or none.')
  const until = values.until === undefined ? undefined : new Date(values.until)
  if (until !== undefined && Number.isNaN(until.getTime())) throw new Error('--until is a moment like 2025-01-31T12:00:00Z.')

  const place = placeOf(process.env)
  const keys = values.keys === undefined ? await place.publicKeys() : await readPublicKeys(values.keys)
  const sql = await place.openDatabase()
  const { report, count } = createReport(line => console.log(line))
  try {
    await verifyAudit(report, { sql, keys, heads: resolve(values.heads ?? place.heads), organisation, until })
  } finally {
    await sql.end({ timeout: 2 })
  }
  console.log(`${count.passed} passed, ${count.failed} failed`)
  if (count.failed > 0 || count.passed === 0) process.exitCode = 1
}

try {
  const text = { type: 'string' } as const
  const { values, positionals: [action, file, ...rest] } = parseArgs({ allowPositionals: true, options: { organisation: text, heads: text, keys: text, until: text } })
  if (rest.length > 0) throw new Error(usage)
  if (action === 'verify' && file === undefined) await verify(values)
  else if (action === 'keys' && file !== undefined) {
    await writeFile(file, `${JSON.stringify(await placeOf(process.env).publicKeys(), null, 2)}\n`)
    console.log(`The public keys of the audit log are in ${resolve(file)}.`)
  } else throw new Error(usage)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
