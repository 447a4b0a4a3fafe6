import t from 'tap'
import { services } from '#shared/peers'
import { permissionsOf, roles, type Role } from '#shared/roles'
import { isExchangeAllowed } from '../exchange-policy.ts'
import type { Delegation } from '../delegations.ts'
import type { LiveSession } from '../sessions.ts'
import type { Subject } from '../subject.ts'

const subject = (role: Role, changes: Partial<Subject> = {}): Subject => ({ session: { role } as LiveSession, actors: [], scopes: null, delegation: null, key: 'k', ...changes })
const scopes = ['incident:read', 'incident:write', 'integration:read', 'integration:write', 'integration-secret:read', 'integration-secret:write', 'credential:read:openai', 'credential:read:gcp', 'connection:read', 'connection:write', 'cloud-connection:store', 'cloud-connection:take', 'person:export', 'person:erase', 'chat:read', 'audit:read', 'audit:export', 'organisation:write']

/** What each role may have done in its name, written out: whatever is not here is refused. */
const allowed = new Set([
  ...roles.map(role => `chat incidents incident:read ${role}`),
  ...['responder', 'admin', 'owner'].map(role => `chat incidents incident:write ${role}`),
  ...roles.map(role => `chat secrets credential:read:openai ${role}`),
  ...['admin', 'owner'].map(role => `incidents secrets integration-secret:write ${role}`),
  ...roles.map(role => `auth secrets connection:read ${role}`),
  ...['responder', 'admin', 'owner'].flatMap(role => [`auth secrets cloud-connection:store ${role}`, `auth secrets cloud-connection:take ${role}`])
])

t.test('every caller, audience, scope and role: only what the table says', async t => {
  for (const caller of services) {
    for (const audience of services) {
      for (const scope of scopes) {
        for (const role of roles) {
          const row = `${caller} ${audience} ${scope} ${role}`
          t.equal(isExchangeAllowed(caller, audience, [scope], subject(role, { scopes: new Set(permissionsOf(role)) })), allowed.has(row), row)
        }
      }
    }
  }
})

t.test('incidents never obtains a credential of a person, whoever it is', async t => {
  for (const role of roles) {
    for (const provider of ['openai', 'gcp', 'aws', 'github']) t.notOk(isExchangeAllowed('incidents', 'secrets', [`credential:read:${provider}`], subject(role)))
  }
})

t.test('a token that was narrowed on its way is not widened again', async t => {
  const narrowed = subject('owner', { scopes: new Set(['incident:read']), actors: ['chat'] })
  t.notOk(isExchangeAllowed('incidents', 'secrets', ['integration-secret:write'], narrowed))
  t.ok(isExchangeAllowed('incidents', 'secrets', ['integration-secret:write'], subject('owner', { scopes: new Set(['integration:write']) })))
})

t.test('one scope too many refuses all, and none is nothing', async t => {
  t.ok(isExchangeAllowed('chat', 'incidents', ['incident:read', 'incident:write'], subject('owner')))
  t.notOk(isExchangeAllowed('chat', 'incidents', ['incident:read', 'integration:write'], subject('owner')))
  t.notOk(isExchangeAllowed('chat', 'incidents', [], subject('owner')))
})

t.test('a delegation allows what it lists and no more', async t => {
  const delegation = { audiences: ['incidents'], scopes: ['incident:read'] } as Delegation
  t.ok(isExchangeAllowed('chat', 'incidents', ['incident:read'], subject('owner', { delegation })))
  t.notOk(isExchangeAllowed('chat', 'incidents', ['incident:write'], subject('owner', { delegation })))
  t.notOk(isExchangeAllowed('chat', 'secrets', ['credential:read:openai'], subject('owner', { delegation })))
  t.notOk(isExchangeAllowed('chat', 'secrets', ['credential:read:openai'], subject('owner', { delegation: { ...delegation, scopes: ['credential:read:openai'] } })), 'a listed scope at an audience that is not')
  t.notOk(isExchangeAllowed('chat', 'incidents', ['incident:write'], subject('viewer', { delegation: { ...delegation, scopes: ['incident:write'] } })), 'a role that was taken away is gone from it too')
})

t.test('a chain of services has an end', async t => {
  t.notOk(isExchangeAllowed('chat', 'incidents', ['incident:read'], subject('owner', { actors: ['a', 'b', 'c'] })))
})
