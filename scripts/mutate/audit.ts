import type { Mutation } from './mutation.ts'

const test = (...names: string[]) => names.map(name => `services/auth/test/${name}.test.ts`)

/** Reading the audit log, taking it along, and proving that it is what it was. */
export const audit: Mutation[] = [
  { guard: 'the log is searched by an index under the policy', file: 'services/auth/audit-events.ts', find: '`and events.action collate "C" = ${action}`', replace: '`and events.action = ${action}`', tests: test('audit-search') },
  { guard: 'a small organisation does not read a big one\'s log', file: 'services/auth/audit-events.ts', find: 'order by events.id desc nulls last', replace: 'order by events.id desc', tests: test('audit-search') },
  { guard: 'a period is exact where the clock was set back', file: 'services/auth/audit-events.ts', find: 'const slack = 10 * 60_000', replace: 'const slack = 0', tests: test('audit-list') },
  { guard: 'the log is read by those who may', file: 'services/auth/routes/audit.ts', find: "permission: 'audit:read'", replace: 'permission: null', tests: test('audit-list') },
  { guard: 'the log is exported by those who may', file: 'services/auth/routes/audit-export.ts', find: "permission: 'audit:export'", replace: 'permission: null', tests: test('audit-export') },
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
  { guard: 'a broken chain is written down', file: 'services/auth/routes/audit-verify.ts', find: "outcome: holds ? 'success' : 'failure'", replace: "outcome: 'success'", tests: test('audit-verify') }
]
