import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../infra/parts/repository.ts'
import { rowsOf } from './asvs/account.ts'
import { findingsIn, type Requirement } from './asvs/findings.ts'
import { totalsOf } from './asvs/totals.ts'

/** `npm run asvs`: whether the account in docs/asvs/ is whole and each test that it names is there; then its totals. `npm run check` runs it too. */
const read = (file: string): string | null => existsSync(join(repository, file)) ? readFileSync(join(repository, file), 'utf8') : null
const { requirements } = JSON.parse(read('docs/asvs/requirements.json') ?? '') as { requirements: Requirement[] }
const tables = globSync('docs/asvs/v*.md', { cwd: repository }).sort().map(file => rowsOf(file, read(file) ?? ''))
const rows = tables.flatMap(({ rows }) => rows)
const totals = totalsOf(rows)
const findings = [
  ...tables.flatMap(({ strange }) => strange),
  ...findingsIn(requirements, rows, read),
  ...read('docs/asvs/README.md')?.includes(totals) === true ? [] : ['docs/asvs/README.md has other totals than these']
]
console.log(totals)
for (const finding of findings) console.log(finding)
console.log(`${rows.length} rows, ${findings.length} findings`)
process.exitCode = findings.length === 0 ? 0 : 1
