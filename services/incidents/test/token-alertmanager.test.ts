import t from 'tap'
import { alertmanager } from '../sources/alertmanager.ts'

const [current, previous] = ['current-secret-of-test', 'previous-secret-of-test'] as const
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
const verify = (headers: Record<string, string>) => alertmanager.verify({ headers, body: Buffer.from('{}') }, 'bearer', [current, previous], new Date())
const sent = (authorization: string) => verify({ 'x-hook-authorization': authorization })

t.test('each wrong token is refused', async t => {
  t.notOk(verify({}), 'none')
  t.notOk(verify({ authorization: `Bearer ${current}` }), 'in the header that only the edge may set')
  for (const wrong of ['', 'Bearer', 'Bearer ', current, `Bearer ${current}x`, `Bearer ${current.slice(1)}`, `Bearer  ${current} x`, `Digest ${current}`,
    `Bearer ${current.toUpperCase()}`, basic(current.slice(1)), basic(`${current}:`), basic('user:wrong'), basic(''), 'Basic !!!']) t.notOk(sent(wrong), wrong)
})

t.test('the current and the previous secret are accepted as bearer token and as basic password', async t => {
  t.ok(sent(`Bearer ${current}`))
  t.ok(sent(`bearer ${previous}`))
  t.ok(sent(basic(`anyone:${current}`)))
  t.ok(sent(basic(`:${previous}`)))
})

t.test('without any secret an empty token is not one', async t => {
  t.notOk(alertmanager.verify({ headers: { 'x-hook-authorization': 'Bearer ' }, body: Buffer.from('') }, 'bearer', [], new Date()))
})
