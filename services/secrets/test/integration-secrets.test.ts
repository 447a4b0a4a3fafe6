import { randomUUID } from 'node:crypto'
import t from 'tap'
import { system } from '#shared/testing/system'
import { canary, tokenOf } from './asking.ts'

const aurora = await system()
const person = await aurora.signUp()
const stranger = await aurora.signUp()
const incidents = await aurora.peer('incidents')
const id = randomUUID()
const path = `/internal/integration-secrets/${id}`
const secret = canary()
const write = { scope: 'integration-secret:write' }
const serviceToken = (claims: Record<string, unknown> = {}) => aurora.mint({
  kind: 'service', aud: 'secrets', sub: 'incidents', org: '', sid: '', role: '', scope: 'integration-secret:read', ...claims
}, 'incidents')
const read = async (organisation: string, token?: string, where = path) =>
  await incidents.request('secrets', 'GET', `${where}?organisation=${organisation}`, { token: token ?? await serviceToken() })

t.test('only incidents, in the name of a person who may, writes an integration\'s secret', async t => {
  const body = { current: secret }
  const chat = await aurora.peer('chat')
  t.equal((await chat.request('secrets', 'PUT', path, { body, token: await tokenOf(aurora, person, 'chat', write) })).status, 403, 'not chat')
  t.equal((await incidents.request('secrets', 'PUT', path, { body })).status, 401, 'not without a token')
  t.equal((await incidents.request('secrets', 'PUT', path, { body, token: await serviceToken({ scope: 'integration-secret:write' }) })).status, 403, 'not without a person')
  t.equal((await incidents.request('secrets', 'PUT', path, { body, token: await tokenOf(aurora, person, 'incidents', { scope: 'credential:read:openai' }) })).status, 403, 'not with another scope')
  const token = await tokenOf(aurora, person, 'incidents', write)
  for (const wrong of [{}, { current: 'short' }, { current: secret, more: 1 }, { current: 'a b c d e f g h i j k' }, { current: 5 }]) {
    t.equal((await incidents.request('secrets', 'PUT', path, { body: wrong, token })).status, 400, JSON.stringify(wrong).slice(0, 40))
  }
  t.equal((await incidents.request('secrets', 'PUT', '/internal/integration-secrets/not-a-uuid', { body, token })).status, 400)
  t.equal((await incidents.request('secrets', 'PUT', path, { body, token })).status, 201)
})

t.test('only incidents, without a person, reads it, and only of the organisation that has it', async t => {
  const chat = await aurora.peer('chat')
  t.equal((await chat.request('secrets', 'GET', `${path}?organisation=${person.organisation}`, { token: await aurora.mint({ kind: 'service', aud: 'secrets', sub: 'chat', scope: 'integration-secret:read' }, 'chat') })).status, 403, 'not chat')
  t.equal((await read(person.organisation, await tokenOf(aurora, person, 'incidents', { scope: 'integration-secret:read' }))).status, 403, 'not a person')
  t.equal((await read(person.organisation, await serviceToken({ scope: 'integration-secret:write' }))).status, 403, 'not with another scope')
  t.equal((await read(stranger.organisation)).status, 404, 'not of another organisation')
  t.equal((await read(person.organisation, undefined, `/internal/integration-secrets/${randomUUID()}`)).status, 404, 'not one that does not exist')
  t.equal((await read('')).status, 400, 'not of none')
  t.same((await read(person.organisation)).body, { current: secret, version: 1 })
})

t.test('a rotated secret has its predecessor beside it; a removed one is gone', async t => {
  const token = await tokenOf(aurora, person, 'incidents', write)
  const next = canary()
  t.equal((await incidents.request('secrets', 'PUT', path, { body: { current: next, previous: secret, cas: 1 }, token })).status, 200)
  t.same((await read(person.organisation)).body, { current: next, previous: secret, version: 2 })
  t.equal((await incidents.request('secrets', 'PUT', path, { body: { current: canary(), previous: secret, cas: 1 }, token })).status, 409, 'whoever read before the rotation writes nothing')
  t.same((await read(person.organisation)).body, { current: next, previous: secret, version: 2 })
  t.equal((await incidents.request('secrets', 'DELETE', path, { token: await tokenOf(aurora, stranger, 'incidents', write) })).status, 404, 'another organisation does not remove it')
  t.equal((await incidents.request('secrets', 'DELETE', path, { token })).status, 204)
  t.equal((await read(person.organisation)).status, 404)
})
