import type { Mutation } from './mutation.ts'

const test = (...names: string[]) => names.map(name => `services/auth/test/${name}.test.ts`)
const migration = 'services/auth/migrations/110-account-deletions.sql'
const asked = "where account_deletions.person_id = people.id\n        and account_deletions.asked_at <= now() - interval '30 days'\n"

export const account: Mutation[] = [
  { guard: 'account: its deletion asks for a fresh proof', file: 'services/auth/routes/account.ts', find: 'permission: null, stepUp: true }', replace: 'permission: null }', tests: test('account-deletion') },
  { guard: 'account: its deletion asks for the address', file: 'services/auth/routes/account.ts', find: 'if (emailOf(request.body.email) !== email) throw', replace: 'if (emailOf(request.body.email) === null) throw', tests: test('account-deletion') },
  { guard: 'account: the last owner of an organisation with others is refused', file: 'services/auth/routes/account.ts', find: 'if (kept.length > 0) return', replace: 'if (kept.length > 99) return', tests: test('account-deletion') },
  { guard: 'account: owners who go at once take turns', file: migration, find: '  order by id\n  for no key update;\n', replace: '  order by id;\n', tests: test('account-deletion') },
  { guard: 'account: a deletion ends every session and says so', file: migration, find: '  if auth.operator_disable(app.person_id()) is null then\n    return null;\n  end if;\n', replace: '  update auth.people set disabled_at = now() where id = app.person_id() and disabled_at is null;\n', tests: test('account-deletion') },
  { guard: 'account: the link brings back for 30 days', file: migration, find: "    and (hash is null or restore_hash = hash)\n    and asked_at > now() - interval '30 days'\n", replace: '    and (hash is null or restore_hash = hash)\n', tests: test('account-deletion') },
  { guard: 'account: no session comes back with it', file: migration, find: '  where id = whose;\n\n  perform auth.operator_end_sessions(whose);\n  return true;', replace: '  where id = whose;\n\n  return true;', tests: test('account-deletion') },
  { guard: 'account: the operator takes the link away', file: migration, find: '    set restore_hash = null\n', replace: '    set restore_hash = restore_hash\n', tests: test('account-deletion') },
  { guard: 'account: nobody is erased before their time, in PostgreSQL', file: migration, find: "  perform from auth.account_deletions\n  where person_id = app.person_id()\n    and asked_at <= now() - interval '30 days'\n    and erased_by @> '{secrets,incidents,chat}'::text[]\n  for update;\n\n  if not found then\n    return false;\n  end if;\n", replace: '', tests: test('account-deletion') },
  { guard: 'account: policies alone keep who is not due', file: migration, find: `    current_user = 'aurora_resolver'\n    and exists (\n      select 1\n      from auth.account_deletions\n      ${asked}        and account_deletions.erased_by @> '{secrets,incidents,chat}'::text[]\n    )\n`, replace: "    current_user = 'aurora_resolver'\n", tests: test('account-deletion') },
  { guard: 'account: a service that has not answered is waited for', file: 'services/auth/account/purge.ts', find: 'timeout: patience, signal })\n', replace: 'timeout: patience, signal }).catch(() => {})\n', tests: test('account-erasure.faults') },
  { guard: 'account: the timeline is rewritten for nothing else', file: 'services/incidents/migrations/110-erasure.sql', find: "      and new.text = replace(old.text, ' by ' || old.actor_name, ' by a former member')\n", replace: '', tests: ['services/incidents/test/rls.test.ts'] },
  { guard: 'account: values in Vault are destroyed', file: 'services/secrets/person-data.ts', find: 'await app.keeper.remove({ organisation, person }, connectionSlotById(id), request.id)', replace: 'await Promise.resolve({ id, organisation, person })', tests: test('account-erasure.faults') },
  { guard: 'account: an erasure is repeated until nothing is left', file: 'services/chat/person-data.ts', find: 'for (let rows = -1; rows !== 0; erased += rows) rows', replace: 'for (let rows = -1; rows === -1; erased += rows) rows', tests: test('account-erasure.faults') },
  { guard: 'account: auth alone exports people', file: 'shared/person-data.ts', find: "callers: ['auth'], access: 'service', permission: 'person:export'", replace: "callers: ['auth', 'edge'], access: 'service', permission: 'person:export'", tests: test('person-data') },
  { guard: 'account: auth alone erases people', file: 'shared/person-data.ts', find: "callers: ['auth'], access: 'service', permission: 'person:erase'", replace: "callers: ['auth', 'chat'], access: 'service', permission: 'person:erase'", tests: test('person-data') },
  { guard: 'account: who exports does not erase', file: 'shared/person-data.ts', find: "permission: 'person:erase'", replace: "permission: 'person:export'", tests: test('person-data') },
  { guard: 'account: an export asks for a fresh proof', file: 'services/auth/routes/account-export.ts', find: 'stepUp: true, ', replace: '', tests: test('account-export') },
  { guard: 'account: an export is expensive', file: 'services/auth/routes/account-export.ts', find: ", limit: 'expensive'", replace: '', tests: test('account-export') },
  { guard: 'account: an export says what is not whole', file: 'services/auth/account/export.ts', find: '      complete &&= ended\n', replace: '      void ended\n', tests: test('account-export.faults') },
  { guard: 'account: an export holds the person\'s own entries', file: 'services/incidents/person-data.ts', find: '  where acknowledged_by = (select app.person_id())\n', replace: '  where acknowledged_by is not null\n', tests: test('account-export') }
  { guard: 'account: nobody takes anything of an organisation that they were removed from', file: 'services/auth/account/export.ts', find: '.filter(({ organisation }) => own.some(({ id }) => id === organisation))', replace: '.filter(() => own.length >= 0)', tests: test('account-export') }
]
