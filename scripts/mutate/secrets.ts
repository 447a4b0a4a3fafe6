import type { Mutation } from './mutation.ts'

const test = (name: string) => `services/secrets/test/${name}.test.ts`
const source = (name: string) => `services/secrets/${name}.ts`

export const secrets: Mutation[] = [
  { guard: 'cache entries have the name of one generation', file: source('cache/cache'), find: '${reference}\\n${version}\\n${generation}', replace: '${reference}\\n${version}', tests: [test('interleavings')], alone: true },
  { guard: 'a new life of a secret begins after the old one has ended in Vault', file: source('keeping'), find: "if (row.status === 'deleting') await kv.destroy(path)", replace: '', tests: [test('interleavings')], alone: true },
  { guard: 'a reference names a person by an id, not by any text', file: source('reference'), find: 'users/(?<person>${uuid})/', replace: 'users/(?<person>[^/]+)/', tests: [test('references')], alone: true },
  { guard: 'no path in Vault is made of anything but ids', file: source('reference'), find: '!parts.every(part => isUuid.test(part)) || ', replace: '', tests: [test('references')], alone: true },
  { guard: 'a deleted version is told apart from nothing', file: source('vault/responses'), find: "isDeletedVersion(body) ? 'deleted' : 'absent'", replace: "'deleted'", tests: [test('vault-failures')], alone: true },
  { guard: 'only the peer vault is Vault', file: source('vault/transport'), find: "if (peerOfSubjectAltName(certificate.subjectaltname) !== 'vault') return", replace: 'if (false) return', tests: [test('vault-transport')], alone: true },
  { guard: 'Vault\'s redirects are not followed', file: source('vault/transport'), find: 'maxRedirects: 0', replace: 'maxRedirects: 5', tests: [test('vault-transport')], alone: true },
  { guard: 'an answer of Vault is bounded', file: source('vault/transport'), find: '    maxContentLength: maxBytes,\n', replace: '    maxContentLength: -1,\n', tests: [test('vault-transport')], alone: true },
  { guard: 'a refused path does not log in without end', file: source('vault/login'), find: 'if (Date.now() - lease.born < 1_000) return false', replace: 'if (false) return false', tests: [test('vault-login')], alone: true },
  { guard: 'a key that was cut off is not a key', file: source('providers/gcp'), find: "return createPrivateKey(pem).asymmetricKeyType === 'rsa'", replace: 'return true', tests: [test('provider-values')], alone: true },
  { guard: 'a key of a service account names Google and nobody else', file: source('providers/gcp'), find: 'key.token_uri !== undefined && ', replace: 'false && ', tests: [test('provider-values')], alone: true },
  { guard: 'a value looks as its provider makes it', file: source('providers/provider'), find: 'value === undefined || is.test(value)', replace: 'value === undefined || true', tests: [test('provider-values')], alone: true },
  { guard: 'one way to connect is chosen', file: source('providers/provider'), find: 'way === undefined || begun.length > 1', replace: 'way === undefined', tests: [test('provider-values')], alone: true },
  { guard: 'a webhook of Slack is at Slack', file: source('providers/slack'), find: '/^https:\\/\\/hooks\\.slack', replace: '/https:\\/\\/hooks\\.slack', tests: [test('provider-values')], alone: true },
  { guard: 'the id of an Azure secret is not stored as the secret', file: source('providers/azure'), find: "...uuid.test(values.clientSecret ?? '') ?", replace: '...false ?', tests: [test('provider-values')], alone: true },
  { guard: 'no name of one\'s own is one that every object has', file: source('providers/generic'), find: ' && !(key in Object.prototype)', replace: '', tests: [test('provider-values')], alone: true },
  { guard: 'what has a name of one\'s own is a text, and bounded', file: source('providers/generic'), find: '!Object.values<unknown>(values).every(isValue)', replace: 'false', tests: [test('provider-values')], alone: true },
  { guard: 'a kubeconfig is refused', file: source('routes/connections'), find: '      preValidation: async request => refuseKubeconfig(request.body),\n', replace: '', tests: [test('input')] },
  { guard: 'a kubeconfig is refused in base64 too', file: source('providers/kubeconfig'), find: "marks.test(value) || marks.test(Buffer.from(value, 'base64').toString('latin1'))", replace: 'marks.test(value)', tests: [test('input')] },
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
  { guard: 'a connection is replaced after a fresh proof', file: 'services/secrets/keeping.ts', find: 'if (known > 0 && mayReplace === false) throw', replace: 'if (known < 0) throw', tests: ['services/secrets/test/connections.test.ts'] },
  { guard: 'a connection is deleted after a fresh proof', file: 'services/secrets/routes/connections.ts', find: "permission: 'connection:write', stepUp: true", replace: "permission: 'connection:write'", tests: ['services/secrets/test/connections.test.ts'] }
]
