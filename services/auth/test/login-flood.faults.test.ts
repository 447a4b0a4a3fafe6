import t from 'tap'
import { system } from '#shared/testing/system'

const aurora = await system()

// It fills the queue that everybody's password waits in, so it has the system for itself.
t.test('more logins than can be hashed are told to come back, and none is let in for it', async t => {
  const edge = await aurora.peer('edge')
  const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => edge.request('auth', 'POST', '/api/auth/login', { headers: { 'x-forwarded-for': `203.0.113.${index}` }, body: { email: `nobody-${crypto.randomUUID()}@example.test`, password: 'flood' } })))
  t.ok(answers.every(({ status }) => status === 401 || status === 503))
  const refused = answers.filter(({ status }) => status === 503)
  t.ok(refused.length > 0)
  for (const { headers } of refused) t.ok(Number(headers['retry-after']) > 0)
})
