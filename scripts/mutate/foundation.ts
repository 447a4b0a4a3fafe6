import type { Mutation } from './mutation.ts'

const migration = (name: string) => `infra/postgres/migrations/${name}.sql`
const audit = ['infra/postgres/test/audit.test.ts']
const catalogue = ['infra/postgres/test/catalogue.test.ts']
const bootstrap = ['infra/postgres/test/bootstrap.test.ts']
const certificates = ['infra/certificates/test/certificates.test.ts']
const users = ['infra/valkey/test/users.test.ts']
const policies = ['infra/vault/test/policies.test.ts']

/** Certificates, roles, the audit log, and the rights in Vault and Valkey. */
export const foundation: Mutation[] = [
  { guard: 'a certificate is renewed in time', file: 'infra/certificates/certificates.ts', find: '(end - begin) / 3', replace: '0', tests: certificates, alone: true },
  { guard: 'a key is read by its owner alone', file: 'infra/certificates/files.ts', find: "'wx', 0o600", replace: "'wx', 0o644", tests: certificates, alone: true },
  { guard: 'the authority that people trust names our hosts only', file: 'infra/certificates/authority.ts', find: '[nameConstraints(hosts)]', replace: '[]', tests: ['infra/certificates/test/authority.test.ts'], alone: true },
  { guard: 'a leaf signs nothing', file: 'infra/certificates/issue.ts', find: 'BasicConstraintsExtension(false, undefined, true)', replace: 'BasicConstraintsExtension(true, undefined, true)', tests: ['infra/certificates/test/authority.test.ts'], alone: true },
  { guard: 'a lost key of the authority is not replaced in silence', file: 'infra/certificates/certificates.ts', find: "if (typeof cert === 'string' && typeof key !== 'string') throw", replace: 'if (false) throw', tests: certificates, alone: true },
  { guard: 'a migration that changed after it was applied stops everything', file: 'infra/postgres/migrate.ts', find: 'if (changed.length > 0) throw', replace: 'if (false) throw', tests: ['infra/postgres/test/migrate.test.ts'] },
  { guard: 'two migrators take turns', file: 'infra/postgres/migrate.ts', find: "await sql`select pg_advisory_lock(hashtextextended('aurora.migrate', 0))`", replace: '', tests: ['infra/postgres/test/migrate.test.ts'] },
  { guard: 'the audit log forces its policies on its owner', file: migration('003-audit-events'), find: 'alter table audit.events force row level security;', replace: '', tests: catalogue },
  { guard: 'a policy asks for the scope', file: migration('003-audit-events'), find: 'using (org_id = (select app.org_id()))', replace: 'using (true)', tests: [...catalogue, ...audit] },
  { guard: 'the scope is read once a statement', file: migration('003-audit-events'), find: 'using (org_id = (select app.org_id()))', replace: 'using (org_id = app.org_id())', tests: catalogue },
  { guard: 'an event is never removed', file: migration('003-audit-events'), find: 'before update or delete on audit.events', replace: 'before update on audit.events', tests: audit },
  { guard: 'events are not truncated', file: migration('003-audit-events'), find: 'execute function audit.refuse_change();\n\nalter table', replace: "execute function audit.refuse_change('never');\n\nalter table audit.events disable trigger events_are_not_truncated;\nalter table", tests: audit },
  { guard: 'only a service writes an event', file: migration('020-audit-operator'), find: 'if session_user not in', replace: 'if false and session_user not in', tests: audit },
  { guard: 'one seals at a time', file: migration('006-audit-seal'), find: "if not pg_try_advisory_xact_lock(hashtextextended('audit.seal', 0)) then", replace: 'if false then', tests: audit },
  { guard: 'only secrets seals', file: migration('006-audit-seal'), find: 'text, integer) to aurora_secrets;', replace: 'text, integer) to aurora_secrets, aurora_chat;', tests: audit },
  { guard: 'the chain covers the detail of an event', file: migration('005-audit-chain'), find: 'event.outcome, event.detail, event.request_id', replace: 'event.outcome, event.request_id', tests: audit },
  { guard: 'a signature is kept only for a head of the chain', file: migration('008-audit-unsigned'), find: 'if not exists (', replace: 'if false and not exists (', tests: audit },
  { guard: 'a service verifies its scope and no other', file: migration('010-audit-verify-parts'), find: "if session_user = 'aurora_auth' and", replace: 'if false and', tests: audit },
  { guard: 'a chain cut short is noticed', file: migration('010-audit-verify-parts'), find: ') or coalesce(signed, 0) > sealed then', replace: ') then', tests: audit },
  { guard: 'a row past append is noticed', file: migration('010-audit-verify-parts'), find: 'and chain.event_id is null and unsealed.event_id is null', replace: 'and false', tests: audit },
  { guard: 'nobody writes the log past append', file: migration('003-audit-events'), find: 'grant select on audit.events to aurora_auth;', replace: 'grant select, insert, update on audit.events to aurora_auth;', tests: audit },
  { guard: 'a new function is not for everyone', file: migration('001-schemas'), find: 'alter default privileges revoke execute on functions from public;', replace: '', tests: catalogue },
  { guard: 'a service uses its own schema', file: migration('001-schemas'), find: 'grant usage on schema auth to aurora_auth;', replace: 'grant usage on schema auth to aurora_auth, aurora_chat;', tests: catalogue },
  { guard: 'BYPASSRLS is taken back', file: 'infra/postgres/roles.sql', find: 'nosuperuser nobypassrls nocreatedb', replace: 'nosuperuser nocreatedb', tests: bootstrap },
  { guard: 'who owns does not log in', file: 'infra/postgres/roles.sql', find: "execute format('alter role %I nologin', name);", replace: 'null;', tests: bootstrap },
  { guard: 'a stolen password is worth nothing without the certificate', file: 'infra/postgres/pg_hba.conf', find: 'clientcert=verify-full\n', replace: 'clientcert=verify-ca\n', tests: ['infra/postgres/test/access.test.ts'] },
  { guard: 'a service reads its own names in Valkey', file: 'infra/valkey/users.ts', find: '`~${name}:*`', replace: "'~*'", tests: users },
  { guard: 'a service hears its own channels in Valkey', file: 'infra/valkey/users.ts', find: '`&${name}:*`', replace: "'&*'", tests: users },
  { guard: 'who says no name is nobody in Valkey', file: 'infra/valkey/users.ts', find: "nobody = ['reset', 'off']", replace: "nobody = ['reset', 'on', 'nopass', '~*', '&*', '+@all']", tests: users },
  { guard: 'the cache is for secrets', file: 'infra/valkey/users.ts', find: "kind === 'state' ? services : ['secrets']", replace: 'services', tests: users },
  { guard: 'secrets does not write the services\' own entries', file: 'infra/vault/secrets.hcl', find: 'services/*" {\n  capabilities = ["read"]', replace: 'services/*" {\n  capabilities = ["read", "create", "update"]', tests: policies },
  { guard: 'the bootstrap reads no secret of an organisation', file: 'infra/vault/bootstrap.hcl', find: '/data/${base}/services/*" {', replace: '/data/${base}/*" {', tests: policies },
  { guard: 'the root token is not kept', file: 'infra/vault/prepare.ts', find: 'await keep(keys, rest)', replace: 'await keep(keys, { ...rest, rootToken })', tests: policies },
  { guard: 'the root of a moment is revoked', file: 'infra/vault/initialise.ts', find: "await vault.call('POST', 'auth/token/revoke-self', {}, root)", replace: 'await vault.status()', tests: ['infra/vault/test/prepare.test.ts'] },
  { guard: 'a test that the account names is there', file: 'scripts/asvs/findings.ts', find: 'return titles.has(title) ? [] :', replace: 'return titles.size > 0 ? [] :', tests: ['scripts/asvs/test/findings.test.ts'], alone: true },
  { guard: 'a test that is left out is no evidence', file: 'scripts/asvs/evidence.ts', find: ' && !rest.some(isLeftOut)', replace: '', tests: ['scripts/asvs/test/findings.test.ts'], alone: true },
  { guard: 'a requirement is in the account', file: 'scripts/asvs/findings.ts', find: 'return [...missing, ...wrong]', replace: 'return missing.length > 99 ? missing : wrong', tests: ['scripts/asvs/test/findings.test.ts'], alone: true },
  { guard: 'a requirement is in the account once', file: 'scripts/asvs/findings.ts', find: 'const doubled = seen.has(row.id) ?', replace: "const doubled = seen.has('') ?", tests: ['scripts/asvs/test/findings.test.ts'], alone: true },
  { guard: 'what is not met has a reason', file: 'scripts/asvs/findings.ts', find: "if (row.verdict !== 'met' && (", replace: "if (row.verdict === '' && (", tests: ['scripts/asvs/test/findings.test.ts'], alone: true },
  { guard: 'docs/sign-in.md has the numbers of the code', file: 'services/auth/throttles.ts', find: 'account: { free: 5, longest: 60 }', replace: 'account: { free: 50, longest: 60 }', tests: ['services/auth/test/documented.test.ts'], alone: true },
  { guard: 'two providers of one issuer do not vouch for each other', file: 'services/auth/oauth/providers.ts', find: 'if (new Set(providers.map(issuerOf)).size !== providers.length) throw', replace: 'if (false) throw', tests: ['services/auth/test/providers.test.ts'], alone: true }
]
