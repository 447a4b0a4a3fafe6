import t from 'tap'
import { system } from '#shared/testing/system'

const aurora = await system()

t.test('a password has no age: one of years ago signs in as before, and nobody is sent to choose another', async t => {
  const person = await aurora.signUp()
  await aurora.sql()`update auth.passwords set changed_at = now() - interval '9 years' where person_id = ${person.person}`
  const answer = await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: person.password })
  t.match(answer, { status: 200, body: { person: { id: person.person } } })
  t.notMatch(answer.text, /expire[sd]\b|renew|must change/)
})
