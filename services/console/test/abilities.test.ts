import t from 'tap'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { permissionsOf } from '#shared/roles'

t.test('each ability that a button asks for is a permission of the one table', async t => {
  const source = await readFile(join(import.meta.dirname, '..', 'src', 'api', 'session.ts'), 'utf8')
  const abilities = [.../type Ability = (.*)/.exec(source)?.[1]?.matchAll(/'([^']+)'/g) ?? []].map(match => match[1] ?? '')
  t.ok(abilities.length > 3)
  for (const ability of abilities) t.ok(permissionsOf('owner').includes(ability), ability)
})

t.test('the console keeps no list of what a role may', async t => {
  const source = await readFile(join(import.meta.dirname, '..', 'src', 'api', 'session.ts'), 'utf8')
  t.notMatch(source, /(owner|admin|responder|viewer)'?: \[/)
})
