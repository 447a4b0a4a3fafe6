import t from 'tap'
import { keyScopesOf, permissionsOf, roles } from '#shared/roles'
import { system } from '#shared/testing/system'
import { keyOf, program } from '../../../services/auth/test/keying.ts'
import { personRoutes, type PersonRoute } from '../person-routes.ts'

/**
 * Every route that a person can ask, with a key of every role that holds all it may, and with one that holds a single scope: let in exactly where the key has
 * the permission, no proof is asked for and the route is not auth's own. What is sent is worth nothing, so a permitted call may answer anything else.
 */
const aurora = await system()
const routes = await personRoutes()
const authsOwn = ({ path }: PersonRoute) => /^\/api\/(auth|api-keys|organisations|audit)(\/|$)/.test(path)
const pathOf = ({ path }: PersonRoute) => path.replace(/:\w+|\*/g, crypto.randomUUID())

for (const role of roles) {
  for (const all of [true, false]) {
    t.test(`a key of a person who is ${role}, with ${all ? 'all that it may hold' : 'one scope'}`, async t => {
      const person = role === 'owner' ? await aurora.signUp() : await aurora.signUp({ role })
      const scopes = all ? keyScopesOf(role) : ['incident:read']
      let { key } = await keyOf(person, scopes)
      const { browser } = await program()
      let asked = 0
      for (const route of routes) {
        // A key has so many requests a minute.
        if (++asked % 40 === 0) ({ key } = await keyOf(person, scopes))
        const status = await browser.status(route.method as 'GET', pathOf(route), route.method === 'GET' || route.method === 'HEAD' ? undefined : { unexpected: [] }, { authorization: `Bearer ${key}` })
        const name = `${route.method} ${route.path} answered ${status}`
        if (authsOwn(route)) t.equal(status, 401, name)
        else if (route.stepUp || (route.permission !== null && !scopes.includes(route.permission))) t.equal(status, 403, name)
        else t.notOk([401, 403, 429].includes(status), name)
      }
    })
  }
}

t.test('no role\'s keys hold what auth decides on', async t => {
  for (const role of roles) t.strictSame(keyScopesOf(role).filter(scope => permissionsOf(role, 'auth').includes(scope)), [])
})
