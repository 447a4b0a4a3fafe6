/** What the policy of this service does not name, Vault itself refuses. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { system } from '#shared/testing/system'

const aurora = await system()
const path = `orgs/${randomUUID()}/users/${randomUUID()}/gcp`
type Call = [method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object]
const call = ([method, where, body]: Call) => aurora.vault(method, where, { as: 'secrets', ...(body === undefined ? {} : { body }) })

t.test('what this service does is allowed', async t => {
  const allowed: Call[] = [
    ['POST', `aurora/data/default/${path}`, { options: { cas: 0 }, data: { a: 'b' } }],
    ['GET', `aurora/data/default/${path}`],
    ['GET', `aurora/metadata/default/${path}`],
    ['DELETE', `aurora/metadata/default/${path}`],
    ['GET', 'aurora/data/default/services/chat'],
    ['POST', 'aurora-transit/datakey/plaintext/cache', { bits: 256 }],
    ['POST', 'aurora-transit/sign/audit', { input: 'YQ==' }]
  ]
  for (const step of allowed) await t.resolves(call(step), `${step[0]} ${step[1].replace(path, '…')}`)
})

t.test('the keys of auth are replaced by check-and-set and in no other way', async t => {
  const path = 'aurora/data/default/services/auth'
  // A version that is none: Vault would take the write, and finds that the version does not fit.
  await t.rejects(call(['POST', path, { options: { cas: 2_000_000_000 }, data: { a: 'b' } }]), /with 400: check-and-set parameter did not match/)
  await t.rejects(call(['POST', path, { data: { a: 'b' } }]), /with 400: check-and-set parameter required/)
})

t.test('everything else is refused', async t => {
  const refused: Call[] = [
    ['POST', 'aurora/data/default/services/chat', { options: { cas: 1 }, data: { a: 'b' } }],
    ['POST', 'aurora/data/default/services/new', { options: { cas: 0 }, data: { a: 'b' } }],
    ['DELETE', 'aurora/data/default/services/auth'],
    ['POST', 'aurora/delete/default/services/auth', { versions: [1] }],
    ['POST', 'aurora/destroy/default/services/auth', { versions: [1] }],
    ['DELETE', 'aurora/metadata/default/services/auth'],
    ['GET', 'aurora/metadata/default/services/auth'],
    ['GET', 'aurora/data/other/orgs/x'],
    ['POST', 'aurora/data/other', { data: { a: 'b' } }],
    ['GET', 'aurora/config'],
    ['POST', 'aurora/config', { max_versions: 1 }],
    ['GET', 'aurora-transit/export/encryption-key/cache'],
    ['GET', 'aurora-transit/backup/cache'],
    ['POST', 'aurora-transit/keys/cache/rotate', {}],
    ['POST', 'aurora-transit/keys/cache/config', { exportable: true }],
    ['POST', 'aurora-transit/keys/another', {}],
    ['POST', 'aurora-transit/sign/cache', { input: 'YQ==' }],
    ['GET', 'sys/mounts'],
    ['POST', 'sys/mounts/mine', { type: 'kv' }],
    ['GET', 'sys/policies/acl/aurora-secrets'],
    ['PUT', 'sys/policies/acl/aurora-secrets', { policy: '' }],
    ['PUT', 'sys/seal', {}],
    ['POST', 'auth/token/create', {}],
    ['POST', 'auth/token/renew', { token: 'x' }],
    ['GET', 'auth/approle/role/aurora-secrets/role-id'],
    ['POST', 'auth/approle/role/aurora-secrets/secret-id', {}],
    ['GET', 'identity/entity/id'],
    ['GET', 'sys/raw/core']
  ]
  for (const step of refused) await t.rejects(call(step), /with 403/, `${step[0]} ${step[1]}`)
})
