import t from 'tap'
import { system } from '#shared/testing/system'

const aurora = await system()

t.test('a session is over an hour after its last use and a day after its sign-in, and the next sign-in is asked for everything', async t => {
  const person = await aurora.signUp()
  const [row] = await aurora.sql()`select extract(epoch from expires_at - created_at)::integer as lasts from auth.sessions where person_id = ${person.person}`
  t.equal(row?.['lasts'], 86_400)
  const change = () => person.status('DELETE', '/api/auth/sessions')
  for (const [what, age] of [['idle', aurora.sql()`seen_at = now() - interval '3601 seconds'`], ['old', aurora.sql()`expires_at = now()`]] as const) {
    t.equal(await change(), 200, `before: ${what}`)
    await aurora.sql()`update auth.sessions set ${age} where person_id = ${person.person}`
    t.equal(await change(), 401, what)
    t.equal((await person.request('POST', '/api/auth/login', { email: person.email })).status, 400, 'without the password there is no way back')
    t.equal((await person.request('POST', '/api/auth/login', { email: person.email, password: person.password })).status, 200)
  }
})
