import { randomUUID } from 'node:crypto'
import t from 'tap'
import { permissionsOf, roles, type Role } from '#shared/roles'
import { system, type Person } from '#shared/testing/system'
import { newIncident, newIntegration } from './place.ts'

const aurora = await system()
const person = await aurora.signUp()
const incident = await newIncident(aurora, person)

const claimsOf = ({ person: sub, organisation: org }: Person, role: Role = 'owner') =>
  ({ sub, sid: randomUUID(), org, role, scope: permissionsOf(role, 'incidents').join(' '), aud: 'incidents' })

t.test('past the edge, each rung of the ladder is refused once', async t => {
  const claims = claimsOf(person)
  const ladder: Array<[string, Parameters<typeof aurora.peer>[0], string | undefined, number]> = [
    ['a peer that may not call', 'secrets', await aurora.mint(claims, 'secrets'), 403],
    ['the edge without a token', 'edge', undefined, 401],
    ['a token that is none', 'edge', 'a.b.c', 401],
    ['a token for another service', 'edge', await aurora.mint({ ...claims, aud: 'chat' }, 'edge'), 401],
    ['a token that is bound to another certificate', 'edge', await aurora.mint(claims, 'chat'), 401],
    ['a token that is over', 'edge', await aurora.mint({ ...claims, exp: Math.floor(Date.now() / 1000) - 5 }, 'edge'), 401],
    ['a token without the scope', 'edge', await aurora.mint({ ...claims, scope: 'incident:write' }, 'edge'), 403],
    ['a token of a service', 'edge', await aurora.mint({ ...claims, kind: 'service' }, 'edge'), 403],
    ['a good token', 'edge', await aurora.mint(claims, 'edge'), 200],
    ['a good token of chat', 'chat', await aurora.mint(claims, 'chat'), 200]
  ]
  for (const [name, peer, token, status] of ladder) {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    t.equal((await (await aurora.peer(peer)).request('incidents', 'GET', '/api/incidents', { headers })).status, status, name)
  }
})

t.test('what chat may not call, it may not call with a good token either', async t => {
  const headers = { authorization: `Bearer ${await aurora.mint(claimsOf(person), 'chat')}` }
  for (const path of ['/api/integrations', '/api/incidents/events']) t.equal((await (await aurora.peer('chat')).request('incidents', 'GET', path, { headers })).status, 403, path)
})

t.test('each role does what the table of roles says, on every route', async t => {
  const routes: Array<[string, 'GET' | 'POST' | 'PUT' | 'DELETE', string, object | undefined]> = [
    ['incident:read', 'GET', '/api/incidents', undefined],
    ['incident:read', 'GET', `/api/incidents/${incident.number}`, undefined],
    ['incident:read', 'GET', `/api/incidents/${incident.number}/timeline`, undefined],
    ['incident:write', 'POST', `/api/incidents/${incident.number}/acknowledge`, undefined],
    ['incident:write', 'POST', '/api/incidents/999999/resolve', undefined],
    ['integration:read', 'GET', '/api/integrations', undefined],
    ['integration:write', 'POST', '/api/integrations', {}],
    ['integration:write', 'PUT', `/api/integrations/${randomUUID()}/secret`, {}],
    ['integration:write', 'DELETE', `/api/integrations/${randomUUID()}`, undefined]
  ]
  for (const role of roles) {
    const member = await aurora.signUp({ in: person, role })
    for (const [permission, method, path, body] of routes) {
      const { status } = await member.request(method, path, body)
      t.equal(status === 403, !permissionsOf(role, 'incidents').includes(permission), `${role}: ${method} ${path} ${status}`)
    }
  }
})

t.test('another organisation gets the same answer for what is there and what is not', async t => {
  const stranger = await aurora.signUp()
  const theirs = await newIntegration(person)
  const same = (answers: Array<{ status: number, body: unknown }>) => {
    const [first, second] = answers.map(({ status, body }) => ({ status, body: { ...body as object, requestId: '' } }))
    t.equal(first?.status, 404)
    t.strictSame(first, second)
  }
  t.match(await stranger.request('GET', '/api/incidents'), { status: 200, body: { incidents: [], next: null } })
  t.match(await stranger.request('GET', '/api/integrations'), { status: 200, body: { integrations: [] } })
  for (const [method, suffix] of [['GET', ''], ['GET', '/timeline'], ['POST', '/acknowledge'], ['POST', '/resolve']] as const) {
    same([await stranger.request(method, `/api/incidents/${incident.number}${suffix}`), await stranger.request(method, `/api/incidents/999999${suffix}`)])
  }
  same([await stranger.request('DELETE', `/api/integrations/${theirs.id}`), await stranger.request('DELETE', `/api/integrations/${randomUUID()}`)])
  same([await stranger.request('PUT', `/api/integrations/${theirs.id}/secret`, {}), await stranger.request('PUT', `/api/integrations/${randomUUID()}/secret`, {})])
  t.match(await person.request('GET', `/api/incidents/${incident.number}`), { status: 200 }, 'the owner still sees it')
  t.ok(((await person.request('GET', '/api/integrations')).body as { integrations: Array<{ id: string }> }).integrations.some(each => each.id === theirs.id))
})
