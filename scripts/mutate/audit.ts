import type { Mutation } from './mutation.ts'

const test = (...names: string[]) => names.map(name => `services/auth/test/${name}.test.ts`)
const command = (name: string) => [`scripts/audit/test/${name}.test.ts`]

/** Reading the audit log, taking it along, and proving that it is what it was. */
export const audit: Mutation[] = [
  { guard: 'the log is searched by an index under the policy', file: 'services/auth/audit-events.ts', find: '`and events.action collate "C" = ${action}`', replace: '`and events.action = ${action}`', tests: test('audit-search') },
  { guard: 'a small organisation does not read a big one\'s log', file: 'services/auth/audit-events.ts', find: 'order by events.id desc nulls last', replace: 'order by events.id desc', tests: test('audit-search') },
  { guard: 'a period is exact where the clock was set back', file: 'services/auth/audit-events.ts', find: 'const slack = 10 * 60_000', replace: 'const slack = 0', tests: test('audit-list') },
  { guard: 'the log is read by those who may', file: 'services/auth/routes/audit.ts', find: "permission: 'audit:read'", replace: 'permission: null', tests: test('audit-list') },
  { guard: 'the log is exported by those who may', file: 'services/auth/routes/audit-export.ts', find: "permission: 'audit:export'", replace: 'permission: null', tests: test('audit-export') },
  { guard: 'the log is exported after a fresh proof', file: 'services/auth/routes/audit-export.ts', find: 'stepUp: true, ', replace: '', tests: test('audit-export') },
  { guard: 'an export is expensive', file: 'services/auth/routes/audit-export.ts', find: ", limit: 'expensive'", replace: '', tests: test('audit-export') },
  { guard: 'HEAD exports nothing', file: 'services/auth/routes/audit-export.ts', find: '    exposeHeadRoute: false,\n', replace: '', tests: test('audit-export') },
  { guard: 'an export is a download', file: 'services/auth/routes/audit-export.ts', find: '`attachment; filename', replace: '`inline; filename', tests: test('audit-export') },
  { guard: 'an export is written down before it begins', file: 'services/auth/audit-export.ts', find: '        await record()\n', replace: '        record().then(() => {}, () => {})\n', tests: test('audit-export-stream'), alone: true },
  { guard: 'nobody fills the memory with exports', file: 'services/auth/audit-export.ts', find: '      assertRoom(key.person)\n', replace: '', tests: test('audit-export-stream'), alone: true },
  { guard: 'an export ends with the rights of who reads it', file: 'services/auth/audit-export.ts', find: "if (session === null || !permissionsOf(session.role, 'auth').includes('audit:export')) throw forbidden()", replace: 'if (session === undefined) throw forbidden(permissionsOf.name)', tests: test('audit-export-stream'), alone: true },
  { guard: 'a cell of an export is no formula', file: 'services/auth/csv.ts', find: '${defused(cell).replaceAll', replace: '${cell.replaceAll', tests: test('csv'), alone: true },
  { guard: 'a quote does not end a cell', file: 'services/auth/csv.ts', find: ".replaceAll('\"', '\"\"')", replace: '', tests: test('csv'), alone: true },
  { guard: 'the chain is verified by those who may', file: 'services/auth/routes/audit-verify.ts', find: "permission: 'audit:read'", replace: 'permission: null', tests: test('audit-verify') },
  { guard: 'verifying is expensive', file: 'services/auth/routes/audit-verify.ts', find: ", limit: 'expensive'", replace: '', tests: test('audit-verify') },
  { guard: 'a position that never was is no broken chain', file: 'services/auth/routes/audit-verify.ts', find: 'if (after > 0 && broken === after) throw', replace: 'if (after < 0) throw', tests: test('audit-verify') },
  { guard: 'a broken chain is written down', file: 'services/auth/routes/audit-verify.ts', find: "outcome: holds ? 'success' : 'failure'", replace: "outcome: 'success'", tests: test('audit-verify') },
  { guard: 'audit: rows are hashed again', file: 'scripts/audit/walk.ts', find: 'else if (!nextHash(head, row).equals(hash)) {', replace: 'else if (nextHash(head, row).length !== hash.length) {', tests: command('tamper') },
  { guard: 'audit: a missing link is noticed', file: 'scripts/audit/walk.ts', find: 'if (at !== expected) say(', replace: 'if (at < 0n) say(', tests: command('tamper') },
  { guard: 'audit: an exchanged row is named', file: 'scripts/audit/walk.ts', find: 'nextHash(head, each.row).equals(hash))', replace: 'false)', tests: command('tamper') },
  { guard: 'audit: the end is where the head says', file: 'scripts/audit/inside.ts', find: 'if (BigInt(head.position) !== last.position) return', replace: 'if (head.position === null) return', tests: command('tamper') },
  { guard: 'audit: signatures in the database are Transit\'s', file: 'scripts/audit/inside.ts', find: 'const finding = worthless !== null', replace: "const finding = worthless === 'never'", tests: command('tamper') },
  { guard: 'audit: a row past append is found', file: 'scripts/audit/inside.ts', find: "...row.stray === '0' ? []", replace: "...row.stray !== '' ? []", tests: command('tamper') },
  { guard: 'audit: a chain cut short is found by the heads outside', file: 'scripts/audit/outside.ts', find: 'if (hash === undefined) outside.lost = counted(outside.lost, line)\n      else if', replace: 'if', tests: command('tamper') },
  { guard: 'audit: a rewritten chain is found by the heads outside', file: 'scripts/audit/outside.ts', find: 'else if (hash !== line.hash) outside.other', replace: "else if (hash === '') outside.other", tests: command('tamper') },
  { guard: 'audit: a head outside is Transit\'s', file: 'scripts/audit/keys.ts', find: "return verify(null, headBytes(head), key, Buffer.from(signature, 'base64')) ?", replace: "return verify(null, headBytes(head), key, Buffer.from(signature, 'base64')) || true ?", tests: command('seal-log') },
  { guard: 'audit: a line that is no head is found', file: 'scripts/audit/outside.ts', find: 'else report.failed(`${line.where} is no signed head`)', replace: '', tests: command('seal-log') },
  { guard: 'audit: a log of heads that was cut is found', file: 'scripts/audit/inside.ts', find: '...row.unlogged === null ? []', replace: "...row.unlogged !== '' ? []", tests: command('seal-log') },
  { guard: 'audit: what no head outside covers is not good', file: 'scripts/audit/inside.ts', find: "...row.tail === '0' ? []", replace: "...row.tail !== '' ? []", tests: command('seal-log') },
  { guard: 'audit: rows that nobody seals are found', file: 'scripts/audit/inside.ts', find: "...row.waiting === '0' ? []", replace: "...row.waiting !== '' ? []", tests: command('seal-log') },
  { guard: 'audit: without heads outside nothing is good', file: 'scripts/audit/verify.ts', find: 'if (!hasLog) {', replace: 'if (files.length < 0) {', tests: command('seal-log') },
  { guard: 'audit: half a line takes no head with it', file: 'services/secrets/sealer/seal-log.ts', find: 'await isTorn(file) ?', replace: 'await isTorn(file) && false ?', tests: command('seal-log') },
  { guard: 'audit: the exit code says whether all is good', file: 'scripts/audit.ts', find: 'if (count.failed > 0 || count.passed === 0) process.exitCode = 1', replace: '', tests: command('command') }
]
