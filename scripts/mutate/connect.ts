import type { Mutation } from './mutation.ts'

const tests = ['services/auth/test/connect.faults.test.ts']
const arrive = 'services/auth/connect/arrive.ts'
const grant = 'services/auth/connect/grant.ts'
const route = 'services/auth/routes/connect.ts'
const store = 'services/secrets/routes/cloud-connections.ts'
const operator = ['infra/vault/test/given.test.ts']

export const connect: Mutation[] = [
  { guard: 'connect: it begins with a fresh proof', file: route, find: "permission: 'connection:write', stepUp: true },", replace: "permission: 'connection:write' },", tests },
  { guard: 'connect: whoever may not write connections connects none', file: route, find: "permission: 'connection:write', stepUp: true },", replace: "permission: 'connection:read', stepUp: true },", tests },
  { guard: 'connect: it ends in the session that began it', file: arrive, find: 'session === null || session.id !== flow.session', replace: 'session === null', tests },
  { guard: 'connect: the right is asked for again at the end', file: arrive, find: " || !mayExchange('auth', 'secrets', 'cloud-connection:store', session.role)) throw", replace: ') throw', tests },
  { guard: 'connect: a second factor that is asked for in between comes first', file: arrive, find: 'if (mustEnrol(session) || ', replace: 'if (', tests },
  { guard: 'connect: disconnecting asks for a fresh proof', file: route, find: "permission: 'connection:write', stepUp: true, limit", replace: "permission: 'connection:write', limit", tests },
  { guard: 'connect: a cloud that is not set up any more can be disconnected', file: route, find: '      if (error instanceof Problem && error.status === 404) return null\n', replace: '      void Problem\n', tests },
  { guard: 'connect: a broken list of clouds is not quoted', file: 'services/auth/connect/registered.ts', find: "  } catch {\n    throw new Error('cloudProviders: not JSON')", replace: '  } catch (error) {\n    throw error', tests: ['services/auth/test/clouds.test.ts'], alone: true },
  { guard: 'connect: a flow is for its purpose', file: 'services/auth/oauth/callback.ts', find: ' || !purposes.includes(flow.purpose)', replace: '', tests },
  { guard: 'connect: an answer is in the name of who was asked', file: arrive, find: 'if (query.iss !== undefined && query.iss !== client.cloud.issuer) throw', replace: 'if (query.iss === client.cloud.name) throw', tests },
  { guard: 'connect: fewer rights are none', file: grant, find: 'cloud.scopes.every(({ scope }) => scopes.includes(scope))', replace: 'cloud.scopes.length > 0 || scopes.length > 0', tests },
  { guard: 'connect: access for an hour is none', file: arrive, find: "if (!isLasting(grant, cloud)) throw new CallbackRefused('not-lasting')", replace: 'void isLasting', tests },
  { guard: 'connect: a token is a bearer token', file: grant, find: "type.toLowerCase() !== 'bearer'", replace: "type === ''", tests },
  { guard: 'connect: what is not kept is revoked', file: arrive, find: "|| await client.revoke(token, 'token')) continue", replace: '|| token !== \'\') continue', tests },
  { guard: 'connect: the winner of two stays whole', file: arrive, find: 'const isThere = error instanceof Problem && error.status === 409', replace: 'const isThere = false', tests },
  { guard: 'connect: only where there is none yet', file: store, find: '{ cas: 0, requestId: request.id }', replace: '{ requestId: request.id }', tests },
  { guard: 'connect: what nobody waits for any more is not stored', file: store, find: 'if (raw.socket.destroyed) throw', replace: 'if (raw.socket === null) throw', tests },
  { guard: 'connect: taking destroys', file: store, find: 'await app.keeper.remove(scope, slotOf(request, name), request.id).then(() => true, ', replace: 'await Promise.resolve().then(() => true, ', tests },
  { guard: 'connect: disconnecting revokes', file: route, find: "await client.revoke(tokenOf(taken, cloud), 'grant')", replace: 'await Promise.resolve(tokenOf(taken, cloud).length > 0)', tests },
  { guard: 'connect: the end at the provider is not said before the provider says it', file: 'services/auth/connect/revocation.ts', find: '      if (status < 500) return false\n', replace: '      return true\n', tests },
  { guard: 'connect: an erasure revokes', file: 'services/auth/account/purge.ts', find: "if (holder === 'secrets') await endCloudGrants", replace: 'if (holder === undefined) await endCloudGrants', tests },
  { guard: 'connect: auth alone takes at an erasure', file: store, find: "callers: ['auth'], access: 'service', permission: 'person:erase'", replace: "callers: ['auth', 'chat'], access: 'service', permission: 'person:erase'", tests: ['services/auth/test/person-data.test.ts'] },
  { guard: 'connect: nobody deletes a connection and leaves it at its provider', file: 'services/secrets/routes/connections.ts', find: 'if (cloudProviders.some(({ name }) => name === request.params.provider)) throw', replace: 'if (cloudProviders.length === 0) throw', tests },
  { guard: 'connect: auth alone stores', file: store, find: "callers: ['auth'], access: 'person', permission: 'cloud-connection:store'", replace: "callers: ['auth', 'chat'], access: 'person', permission: 'cloud-connection:store'", tests: ['services/secrets/test/cloud-connections.test.ts'] },
  { guard: 'connect: auth alone takes', file: store, find: "callers: ['auth'], access: 'person', permission: 'cloud-connection:take'", replace: "callers: ['auth', 'chat'], access: 'person', permission: 'cloud-connection:take'", tests: ['services/secrets/test/cloud-connections.test.ts'] },
  { guard: 'connect: who may store may not take', file: store, find: "permission: 'cloud-connection:take'", replace: "permission: 'cloud-connection:store'", tests: ['services/secrets/test/cloud-connections.test.ts'] },
  { guard: 'connect: other endpoints are those that the operator allows', file: 'services/auth/connect/registered.ts', find: '!isAllowed(new URL(address), allowedHosts)', replace: 'allowedHosts.includes(address)', tests: operator },
  { guard: 'connect: a broken file of the operator is not quoted', file: 'infra/vault/given.ts', find: 'throw error instanceof SyntaxError ? new Error(`${name}: it is not JSON`) : error', replace: 'throw error', tests: operator }
]
