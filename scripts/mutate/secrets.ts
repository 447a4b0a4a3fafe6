import type { Mutation } from './mutation.ts'

const test = (name: string) => `services/secrets/test/${name}.test.ts`
const source = (name: string) => `services/secrets/${name}.ts`

const refresh = (name: string) => source(`refresh/${name}`)
const replicas = [test('refresh-replicas.faults')]

export const secrets: Mutation[] = [
  { guard: 'a reference names a person by an id, not by any text', file: source('reference'), find: 'users/(?<person>${uuid})/', replace: 'users/(?<person>[^/]+)/', tests: [test('references')], alone: true },
  { guard: 'no path in Vault is made of anything but ids', file: source('reference'), find: '!parts.every(part => isUuid.test(part)) || ', replace: '', tests: [test('references')], alone: true },
  { guard: 'a deleted version is told apart from nothing', file: source('vault/responses'), find: "isDeletedVersion(body) ? 'deleted' : 'absent'", replace: "'deleted'", tests: [test('vault-failures')], alone: true },
  { guard: 'only the peer vault is Vault', file: source('vault/transport'), find: "if (peerOfSubjectAltName(certificate.subjectaltname) !== 'vault') return", replace: 'if (false) return', tests: [test('vault-transport')], alone: true },
  { guard: 'Vault\'s redirects are not followed', file: source('vault/transport'), find: 'maxRedirects: 0', replace: 'maxRedirects: 5', tests: [test('vault-transport')], alone: true },
  { guard: 'an answer of Vault is bounded', file: source('vault/transport'), find: '    maxContentLength: maxBytes,\n', replace: '    maxContentLength: -1,\n', tests: [test('vault-transport')], alone: true },
  { guard: 'a refused path does not log in without end', file: source('vault/login'), find: 'if (Date.now() - lease.born < 1_000) return false', replace: 'if (false) return false', tests: [test('vault-login')], alone: true },
  { guard: 'a key that was cut off is not a key', file: source('providers/gcp'), find: "return createPrivateKey(pem).asymmetricKeyType === 'rsa'", replace: 'return true', tests: [test('provider-values')], alone: true },
  { guard: 'an address of a model holds no password', file: source('providers/openai'), find: "if (url.username !== '' || url.password !== '') return", replace: 'if (false) return', tests: [test('provider-values')], alone: true },

  { guard: 'a credential is for chat alone', file: source('routes/credentials'), find: "callers: ['chat']", replace: "callers: ['chat', 'incidents']", tests: [test('credential-ladder')] },
  { guard: 'a credential wants the scope of its provider', file: source('routes/credentials'), find: 'permission: `credential:read:${name}`', replace: 'permission: null', tests: [test('credential-ladder')] },
  { guard: 'a service reads its own secrets only', file: source('routes/services'), find: 'if (!isOwn) throw notFound()', replace: 'if (false) throw notFound()', tests: [test('own-secrets')] },
  { guard: 'a secret that is read is audited', file: source('connections'), find: '    audit.append(\n', replace: "    concat_ws('',\n", tests: [test('audit-row-first')] },
  { guard: 'a secret that is written is audited', file: source('keeping'), find: "await record(sql, { ...slot.event('write', saved), requestId })", replace: '', tests: [test('audit-row-first')] },
  { guard: 'readers get the version that was acknowledged', file: source('reading'), find: 'await kv.read(pathOf(place, owner), pointer.version)', replace: 'await kv.read(pathOf(place, owner))', tests: [test('audit-row-first')] },
  { guard: 'a leftover in Vault is adopted before the next write', file: source('keeping'), find: 'if (known > 0 && latest > known) throw', replace: 'if (false) throw', tests: [test('audit-row-first')] },
  { guard: 'check-and-set is checked', file: source('keeping'), find: 'if (cas !== undefined && cas !== known) throw', replace: 'if (false) throw', tests: [test('connections')] },
  { guard: 'cache entries are of one version and generation', file: source('cache/cache'), find: '${reference}\\n${version}\\n${generation}', replace: '${reference}', tests: [test('no-stale-read')] },
  { guard: 'a name that was pasted is not repeated', file: 'shared/problem-handler.ts', find: "issue.instancePath.startsWith('/values') ? undefined : ", replace: '', tests: [test('input')] },
  { guard: 'a connection is one person\'s', file: 'services/secrets/migrations/001-user-tokens.sql', find: 'and (person_id is null or person_id = (select app.person_id()))', replace: 'and (person_id is null or true)', tests: [test('rows')] },
  { guard: 'a service\'s secrets cannot be written by the service', file: 'infra/vault/secrets.hcl', find: 'path "${mount}/data/${base}/services/*" {\n  capabilities = ["read"]', replace: 'path "${mount}/data/${base}/services/*" {\n  capabilities = ["create", "read", "update"]', tests: [test('vault-policy')] },
  { guard: 'what is being deleted is read by nobody', file: source('connections'), find: "    and status = 'active'\n  order by person_id nulls last\n  limit 1", replace: '  order by person_id nulls last\n  limit 1', tests: [test('vault-absent.faults')] },
  { guard: 'a Vault that is sealed is never "not there"', file: source('vault/responses'), find: "status === 429 || status >= 472 ? 'unavailable' : 'invalid'", replace: "'deleted'", tests: [test('vault-sealed.faults')] },
  { guard: 'a Vault that is away is never "not there"', file: source('reading'), find: "if (error.kind === 'deleted') return notFound()", replace: "if (error.kind !== 'too-large') return notFound()", tests: [test('vault-absent.faults')] },

  { guard: 'refresh: a claim is one replica\'s', file: 'services/secrets/migrations/120-refresh.sql', find: 'set refresh_at = now() + make_interval(secs => lease_seconds),', replace: 'set refresh_at = t.refresh_at,', tests: replicas },
  { guard: 'refresh: a claim that ended asks nobody', file: refresh('due'), find: '    and refresh_attempts = ${attempts}\n', replace: '', tests: replicas },
  { guard: 'refresh: a claim is of the version that was read', file: refresh('due'), find: '    and version = ${version}\n', replace: '', tests: replicas },
  { guard: 'refresh: an older result replaces no newer one', file: refresh('refresher'), find: '{ cas: row.version, requestId: \'\' }', replace: "{ requestId: '' }", tests: replicas },
  { guard: 'refresh: what Vault does not take is held on to', file: refresh('refresher'), find: 'if (signal.aborted) {', replace: 'if (signal.aborted || pause > 0) {', tests: replicas },
  { guard: 'refresh: a claim is kept while tokens are held', file: refresh('refresher'), find: 'await database.inScope(scope, sql => keepClaim(sql, fence, lease)).catch(() => {})', replace: 'void keepClaim', tests: replicas },
  { guard: 'refresh: what a crash left in Vault comes first', file: refresh('refresher'), find: 'if (version > row.version) {', replace: 'if (version < row.version) {', tests: replicas },
  { guard: 'refresh: what was stored is not taken for somebody else\'s', file: refresh('refresher'), find: ".values.accessToken === values.accessToken) return 'renewed'", replace: ".values.accessToken === '') return 'renewed'", tests: replicas },
  { guard: 'refresh: tokens that nobody keeps are ended', file: refresh('refresher'), find: "!await revokeAt(cloud, token, 'token', allowedHosts)", replace: 'token.length < 0', tests: replicas },
  { guard: 'refresh: ending one\'s own ends nobody else\'s', file: refresh('refresher'), find: "present !== undefined && cloud.revocation === 'rfc7009' ? null : ", replace: '', tests: replicas },
  { guard: 'refresh: a loss is called one', file: refresh('refresher'), find: "row.unanswered ? 'lost' : 'refused'", replace: "'refused'", tests: replicas },
  { guard: 'refresh: a loss is not called without cause', file: refresh('refresher'), find: "row.unanswered ? 'lost' : 'refused'", replace: "'lost'", tests: [test('refresh.faults')] },
  { guard: 'refresh: a person is told once', file: refresh('refresher'), find: "    await tell(work.scope.person ?? '')\n    await settle(work)\n", replace: "    await tell(work.scope.person ?? '')\n", tests: replicas },
  { guard: 'refresh: private addresses are the operator\'s to allow', file: refresh('provider'), find: '      allowedHosts,\n', replace: '      allowedHosts: [new URL(token).host],\n', tests: replicas },
  { guard: 'refresh: a token that stays is kept', file: refresh('refresher'), find: 'grant.refreshToken ?? refreshToken', replace: "grant.refreshToken ?? ''", tests: replicas },
  { guard: 'refresh: tokens of a second are not renewed without end', file: source('providers/clouds'), find: ', now + least)', replace: ')', tests: replicas },
  { guard: 'refresh: a provider that is down ends nothing', file: refresh('provider'), find: '(status === 400 || status === 200) && ', replace: '', tests: replicas },
  { guard: 'refresh: one word ends a connection', file: refresh('provider'), find: "(error === 'invalid_grant' || error === 'bad_refresh_token')", replace: 'error !== undefined', tests: replicas },
  { guard: 'refresh: an answer is bounded in time', file: refresh('provider'), find: '      signal: AbortSignal.timeout(patience)\n', replace: '', tests: replicas },
  { guard: 'refresh: what is broken is no credential', file: source('routes/credentials'), find: "if (state === 'broken') throw", replace: "if (state === 'deleting' as string) throw", tests: [test('refresh.faults')] },
  { guard: 'refresh: what has run out is no credential', file: source('routes/credentials'), find: "if (state === 'expired') throw", replace: "if (state === 'deleting' as string) throw", tests: [test('refresh.faults')] },
  { guard: 'refresh: a credential that is refused is not written down as given', file: source('connections'), find: " or (c.state <> 'active' and ${purpose}::text = 'use')", replace: ' or ${purpose}::text is null', tests: [test('refresh.faults')] },
  { guard: 'refresh: secrets alone has people told', file: 'services/auth/routes/person-notices.ts', find: "callers: ['secrets']", replace: "callers: ['secrets', 'chat', 'incidents', 'edge']", tests: [test('refresh.faults')] },
  { guard: 'refresh: what people are told is of a closed table', file: 'services/auth/routes/person-notices.ts', find: "closed({ notice: Type.Literal('connection-broken') })", replace: 'Type.Object({ notice: Type.String() })', tests: [test('refresh.faults')] }
]
