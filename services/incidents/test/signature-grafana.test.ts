import t from 'tap'
import { grafana } from '../sources/grafana.ts'
import { grafanaGroup, hmac } from './payloads.ts'

const body = Buffer.from(JSON.stringify(grafanaGroup()))
const [current, previous] = ['current-secret-of-test', 'previous-secret-of-test'] as const
const now = new Date('2026-01-01T00:00:00Z')
const seconds = now.getTime() / 1000
const verify = (headers: Record<string, string>) => grafana.verify({ headers, body }, 'hmac', [current, previous], now)
const at = (time: number | string, secret: string = current) =>
  ({ 'x-grafana-alerting-timestamp': String(time), 'x-grafana-alerting-signature': hmac(secret, `${time}:`, body) })

t.test('each wrong signature is refused', async t => {
  t.notOk(verify({}), 'none')
  t.notOk(verify({ 'x-grafana-alerting-signature': hmac('foreign-secret-of-test', body) }), 'under a foreign secret')
  t.notOk(verify({ 'x-grafana-alerting-signature': `sha256=${hmac(current, body)}` }), 'in the form of another tool')
  t.notOk(verify({ 'x-pagerduty-signature': `v1=${hmac(current, body)}` }), 'in the header of another tool')
  t.notOk(verify({ 'x-hook-authorization': `Bearer ${current}` }), 'the secret itself, where signatures are asked for')
  t.notOk(verify({ ...at(seconds), 'x-grafana-alerting-signature': hmac(current, body) }), 'a timestamp that is not signed')
  t.notOk(verify({ 'x-grafana-alerting-signature': at(seconds)['x-grafana-alerting-signature'] }), 'the timestamp taken away')
  t.notOk(verify({ ...at(seconds), 'x-grafana-alerting-timestamp': String(seconds + 1) }), 'the timestamp changed')
})

t.test('a signature is accepted under either header and either secret', async t => {
  t.ok(verify({ 'x-grafana-alerting-signature': hmac(current, body) }))
  t.ok(verify({ 'x-grafana-alert-signature': hmac(previous, body) }))
})

t.test('a signed timestamp bounds a replay to five minutes', async t => {
  for (const offset of [-300, -299, 0, 300]) t.ok(verify(at(seconds + offset)), `${offset} s`)
  for (const offset of [-301, 301, -86_400]) t.notOk(verify(at(seconds + offset)), `${offset} s`)
  for (const odd of ['', 'now', '1e9', `${seconds}.5`, ` ${seconds}`, '-1']) t.notOk(verify(at(odd)), `"${odd}"`)
})

t.test('where the token is asked for, a signature is not enough', async t => {
  const bearer = (headers: Record<string, string>) => grafana.verify({ headers, body }, 'bearer', [current], now)
  t.notOk(bearer({ 'x-grafana-alerting-signature': hmac(current, body) }))
  t.ok(bearer({ 'x-hook-authorization': `Bearer ${current}` }))
})
