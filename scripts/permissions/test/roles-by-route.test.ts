import t from 'tap'
import { permissionsOf, roles, type Role } from '#shared/roles'
import { system, type Person } from '#shared/testing/system'
import { personRoutes, type PersonRoute } from '../person-routes.ts'

/**
 * Every route that a person can ask, as every role, through the edge: refused exactly where the role lacks the permission. What is sent is worth nothing, so
 * a permitted call may answer anything but 401 and 403.
 */
const aurora = await system()
const routes = await personRoutes()

/** The owner stands for the organisation; each role has one of its own, so that what one does cannot be another's answer. */
const someone = async (role: Role): Promise<Person> => role === 'owner' ? await aurora.signUp() : await aurora.signUp({ role })

const pathOf = ({ path }: PersonRoute) => path.replace(/:\w+|\*/g, crypto.randomUUID())

const ask = (person: Person, route: PersonRoute) => person.status(route.method as 'GET', pathOf(route), route.method === 'GET' || route.method === 'HEAD' ? undefined : { unexpected: [] })

t.test('there are routes of every service', async t => {
  for (const prefix of ['/api/auth/', '/api/organisations', '/api/audit', '/api/incidents', '/api/integrations', '/api/connections', '/api/chat/']) t.ok(routes.some(({ path }) => path.startsWith(prefix)), prefix)
})

t.test('each role is refused exactly where it lacks the permission', async t => {
  for (const role of roles) {
    await t.test(role, async t => {
      let person = await someone(role)
      let asked = 0
      for (const route of routes) {
        // A person has so many requests a minute.
        if (++asked % 40 === 0) person = await someone(role)
        let status = await ask(person, route)
        // What signs out, leaves or deletes did just that to the one before: once more as somebody whom nothing has happened to.
        if (status === 401) {
          person = await someone(role)
          status = await ask(person, route)
        }
        const allowed = route.permission === null || permissionsOf(role).includes(route.permission)
        const name = `${route.method} ${route.path} answered ${status}`
        if (allowed) t.notOk([401, 403, 429].includes(status), name)
        else t.equal(status, 403, name)
      }
    })
  }
})

t.test('nobody signed in is refused by every one of them', async t => {
  for (const route of routes) {
    const visitor = aurora.visitor()
    t.equal(await visitor.status(route.method as 'GET', pathOf(route), route.method === 'GET' ? undefined : { unexpected: [] }), 401, `${route.method} ${route.path}`)
    await visitor.close()
  }
})
