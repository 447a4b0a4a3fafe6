import t from 'tap'
import { system } from '#shared/testing/system'
import { canary, modelWith, readModel, storeModel } from './asking.ts'

const aurora = await system()

t.test('a stored secret is in Vault and in no row, no Redis, no answer to a browser and no log', async t => {
  const person = await aurora.signUp()
  const secret = canary()
  await storeModel(person, secret)
  t.equal((await readModel(aurora, person)).body.values.apiKey, secret, 'a service that may gets it')
  t.equal((await readModel(aurora, person)).body.values.apiKey, secret, 'from the cache too')
  const stored = await aurora.vault('GET', `aurora/data/default/orgs/${person.organisation}/users/${person.person}/openai`, { as: 'secrets' })
  t.match(stored, { data: { apiKey: secret } }, 'Vault holds it at the reference')
  // Refused values are looked for as well: they go through the same hands.
  const refused = canary()
  await person.request('PUT', '/api/connections/github', { values: { token: refused } })
  await person.request('PUT', '/api/connections/github', { values: { token: 'x', [refused]: 'y' } })
  await person.request('PUT', '/api/connections/gcp', { values: { serviceAccountJson: `{"private_key":"${refused}` } })
  await person.request('PUT', '/api/connections/aws', modelWith(refused))

  for (const path of ['/api/connections', '/api/connections/openai']) {
    t.notMatch(JSON.stringify((await person.request('GET', path)).body), secret)
  }
  for (const [place, text] of [['PostgreSQL', await dumpOfPostgres()], ['Redis', await dumpOfRedis()], ['the logs', await aurora.logs()]] as const) {
    t.not(text, '', `${place} holds something`)
    t.notOk(text.includes(secret), `${place} does not hold it`)
    t.notOk(text.includes(refused), `${place} does not hold what was refused`)
    t.notOk(text.includes(Buffer.from(secret).toString('base64').slice(4, -4)), `${place} does not hold it in base64`)
  }
})

async function dumpOfPostgres (): Promise<string> {
  const tables = await aurora.sql()<Array<{ name: string }>>`
    select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r'
      and n.nspname in ('auth', 'secrets', 'incidents', 'chat', 'audit')`
  const texts = await Promise.all(tables.map(async ({ name }) => {
    const rows = await aurora.sql().unsafe<Array<{ row: string }>>(`select row_to_json(t)::text as row from ${name} t`)
    return rows.map(({ row }) => row).join('\n')
  }))
  return texts.join('\n')
}

/** Each key and its serialised value, of both servers. */
async function dumpOfRedis (): Promise<string> {
  const parts: string[] = []
  for (const kind of ['state', 'cache'] as const) {
    const redis = await aurora.redis(kind)
    for (const key of await redis.keys('*')) {
      parts.push(key, (await redis.dumpBuffer(key))?.toString('latin1') ?? '')
    }
  }
  t.ok(parts.some(part => part.startsWith('secrets:entry:')), 'the cache holds entries')
  return parts.join('\n')
}
