import t from 'tap'
import { eventually, system } from '../testing/system.ts'

const aurora = await system()

t.test('who has no token is counted by network: in a /64 of IPv6 addresses are free', async t => {
  const edge = await aurora.peer('edge')
  const state = await aurora.redis('state')
  // A network of this run's own.
  const network = `2001:db8:${(process.pid % 0xffff).toString(16)}:77`
  const ask = (from: string) => edge.request('auth', 'POST', '/api/auth/register/complete', { headers: { 'x-forwarded-for': from }, body: { token: 'no link' } })
  for (const host of ['1', '2', 'ffff:1:2']) await ask(`${network}::${host}`)
  const keys = () => state.keys(`auth:limit:*address:${network}:*`)
  await eventually(async () => (await keys()).length > 0, 'a counter')
  t.strictSame((await keys()).map(key => key.slice(key.indexOf('address:'))), [`address:${network}::/64`])
})
