import t from 'tap'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAtLeast, permissionsOf, roles } from '#shared/roles'
import { repository } from '../../../infra/parts/repository.ts'
import { permissionsDocument } from '../document.ts'
import { personRoutes } from '../person-routes.ts'

const routes = await personRoutes()

t.test('docs/permissions.md says what the table and the routes say', async t => {
  t.equal(await readFile(join(repository, 'docs', 'permissions.md'), 'utf8'), permissionsDocument(routes), 'else: npm run permissions')
})

t.test('what a role may, the roles above it may too', async t => {
  for (const [rank, role] of roles.entries()) {
    for (const below of roles.slice(rank)) {
      t.same(permissionsOf(below).filter(permission => !permissionsOf(role).includes(permission)), [], `${role}, ${below}`)
      t.ok(isAtLeast(role, below))
      if (below !== role) t.notOk(isAtLeast(below, role))
    }
  }
})

t.test('no permission stands in the table for nothing: a route asks for it', async t => {
  t.same(permissionsOf('owner').filter(permission => !routes.some(route => route.permission === permission)), [])
})

t.test('deleting an organisation is its owners\' alone', async t => {
  t.same(roles.filter(role => permissionsOf(role).includes('organisation:delete')), ['owner'])
})
