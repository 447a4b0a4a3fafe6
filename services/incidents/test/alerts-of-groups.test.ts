import t from 'tap'
import { alertmanager } from '../sources/alertmanager.ts'
import { grafana } from '../sources/grafana.ts'
import type { Group, Source } from '../sources/source.ts'
import { alertmanagerGroup, grafanaGroup, type AlertGroup } from './payloads.ts'

function groupOf (source: Source, payload: object): Group {
  const said = source.normalise(payload as Record<string, unknown>)
  if ('ignored' in said) throw new Error(said.ignored)
  return said.group
}

const id = (payload: object) => alertmanager.identify(payload as Record<string, unknown>, {}).delivery
const changed = (change: (group: AlertGroup) => void) => {
  const group = alertmanagerGroup()
  change(group)
  return group
}

t.test('the real group of Alertmanager is two critical alerts under the name that they share', async t => {
  const group = groupOf(alertmanager, alertmanagerGroup())
  t.match(group, { key: '{}:{}', title: 'InstanceDown', service: 'prometheus', over: false, truncated: 0 })
  t.match(group.alerts, [
    { fingerprint: '791cec13fcba0368', title: 'Instance 127.0.0.1:9090 down', severity: 'critical', status: 'firing', endsAt: null, startsAt: new Date('2020-08-08T14:32:08.326Z') },
    { fingerprint: '8df98227bdd81384', title: 'Instance localhost:9090 down', labels: { job: 'prometheus' } }
  ])
})

t.test('the real group of Grafana is two alerts, high because nobody graded them', async t => {
  const group = groupOf(grafana, grafanaGroup())
  t.equal(group.title, 'High memory usage, High CPU usage')
  t.match(group.alerts, [{ severity: 'high', title: 'This alert was triggered for zone us-1' }, { severity: 'high' }])
})

t.test('the title is the shared summary, the shared name, the only alert, or the names', async t => {
  const title = (change: (group: AlertGroup) => void) => groupOf(alertmanager, changed(change)).title
  t.equal(title(group => { group.commonAnnotations = { summary: 'All down' } }), 'All down')
  t.equal(title(group => { group.commonLabels = {}; group.alerts.pop() }), 'Instance 127.0.0.1:9090 down')
  t.equal(title(group => { group.commonLabels = null; group.commonAnnotations = null }), 'InstanceDown')
  t.equal(title(group => { group.commonLabels = {}; for (const alert of group.alerts) alert.labels = {}; group.title = '[FIRING:2]' }), '[FIRING:2]')
  t.equal(title(group => { group.commonLabels = {}; for (const alert of group.alerts) alert.labels = {} }), 'Alert from Alertmanager')
  t.equal(title(group => {
    group.commonLabels = {}
    group.alerts = ['a', 'b', 'c', 'd', 'e'].map(alertname => ({ labels: { alertname }, annotations: {} }))
  }), 'a, b, c and 2 more')
})

t.test('no alerts, no list and no labels are not errors of the worker', async t => {
  t.strictSame(alertmanager.normalise({ alerts: [] }), { ignored: 'The delivery holds no alerts.' })
  t.strictSame(alertmanager.normalise({}), { ignored: 'The delivery holds no alerts.' })
  t.match(groupOf(alertmanager, { alerts: [null, 'text', {}] }).alerts, [{ title: 'Alert without a name' }, {}, {}])
})

t.test('firing and resolved stand side by side in one group', async t => {
  const group = groupOf(alertmanager, changed(given => { Object.assign(given.alerts[0] ?? {}, { status: 'resolved', endsAt: '2020-08-08T15:00:00Z' }) }))
  t.match(group.alerts, [{ status: 'resolved', endsAt: new Date('2020-08-08T15:00:00Z'), sourceTime: new Date('2020-08-08T15:00:00Z') }, { status: 'firing' }])
})

t.test('the end of a firing alert is not one, and a resolved one without an end ended when it began', async t => {
  const group = groupOf(alertmanager, changed(given => {
    Object.assign(given.alerts[0] ?? {}, { endsAt: '2020-08-08T15:00:00Z' })
    Object.assign(given.alerts[1] ?? {}, { status: 'resolved', endsAt: '0001-01-01T00:00:00Z' })
  }))
  t.equal(group.alerts[0]?.endsAt, null)
  t.strictSame(group.alerts[1]?.endsAt, group.alerts[1]?.startsAt)
})

t.test('only an absolute web address is kept', async t => {
  for (const address of ['?orgId=1', '/alerting', 'javascript:alert(1)', 'data:text/html,x', '', null, 7, `https://x/${'y'.repeat(2000)}`]) {
    t.equal(groupOf(grafana, changed(given => { for (const alert of given.alerts) alert.generatorURL = address })).alerts[0]?.url, null, String(address).slice(0, 30))
  }
})

t.test('labels with the names of the prototype are labels', async t => {
  const hostile = JSON.parse('{"alerts":[{"labels":{"__proto__":"p","constructor":"c","toString":"t","severity":"low"},"annotations":{"__proto__":"x"}}]}') as object
  const [alert] = groupOf(alertmanager, hostile).alerts
  t.strictSame(Object.keys(alert?.labels ?? {}), ['__proto__', 'constructor', 'toString', 'severity'])
  t.equal(Object.getPrototypeOf(alert?.labels), Object.prototype)
  t.equal(({} as Record<string, unknown>).p, undefined)
  t.equal(JSON.stringify(alert?.labels), '{"__proto__":"p","constructor":"c","toString":"t","severity":"low"}')
})

t.test('text is plain, of one line and of a length that fits, and what PostgreSQL refuses is dropped', async t => {
  const title = (alertname: unknown) => groupOf(alertmanager, { alerts: [{ labels: { alertname } }] }).alerts[0]?.title
  t.equal(title('<b>Disk</b> <script>alert(1)</script>full'), 'Disk full')
  t.equal(title('a < b & c'), 'a < b & c')
  t.equal(title(`&${'amp;'.repeat(20)}lt;b`), `${'amp;'.repeat(15)}lt;b`, 'escapes in escapes are not followed without end')
  t.equal(title('two\nlines\t\u0000end'), 'two lines end')
  t.equal(title('\ud800half'), '\ufffdhalf')
  t.equal(title('Größe 火 🔥'), 'Größe 火 🔥')
  t.equal(title('x'.repeat(5000))?.length, 300)
  t.equal(title('🔥'.repeat(200))?.isWellFormed(), true)
  t.equal(title({ toString: 'x' }), 'Alert without a name')
  t.equal(title(503), '503')
})

t.test('ten thousand labels are cut to what is kept, two thousand alerts are all there', async t => {
  const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`label${index}`, 'x']))
  t.equal(Object.keys(groupOf(alertmanager, { alerts: [{ labels }] }).alerts[0]?.labels ?? {}).length, 64)
  const alerts = Array.from({ length: 2_000 }, (_, index) => ({ fingerprint: `f${index}`, labels: { alertname: 'Storm' }, startsAt: '2026-01-01T00:00:00Z' }))
  t.equal(groupOf(alertmanager, { alerts }).alerts.length, 2_000)
})

t.test('a delivery is the same by group, state and alerts, in any order; anything else makes it another', async t => {
  const same = id(alertmanagerGroup())
  t.equal(id(changed(group => { group.alerts.reverse() })), same, 'another order')
  t.equal(id(changed(group => { group.receiver = 'other' })), same, 'another receiver')
  t.not(id(changed(group => { group.status = 'resolved' })), same, 'another state')
  t.not(id(changed(group => { group.groupKey = 'other' })), same, 'another group')
  t.not(id(changed(group => { Object.assign(group.alerts[0] ?? {}, { status: 'resolved' }) })), same, 'one alert of it resolved')
  t.not(id(changed(group => { Object.assign(group.alerts[0] ?? {}, { startsAt: '2026-01-01T00:00:00Z' }) })), same, 'an alert that began anew')
  t.not(id(changed(group => { group.alerts.pop() })), same, 'an alert less')
  t.match(id({ alerts: [] }), /^sha256:/)
  t.match(id({ alerts: Array.from({ length: 5_000 }, () => ({})) }), /^sha256:/, 'as many alerts as fit')
  t.throws(() => id({ alerts: Array.from({ length: 5_001 }, () => ({})) }), { code: 'payload-too-large' })
  for (const alerts of [undefined, null, {}, 'x']) t.throws(() => id({ alerts }), { code: 'bad-request' })
})

t.test('an alert without a fingerprint has that of its labels, in any order', async t => {
  const print = (labels: object) => groupOf(alertmanager, { alerts: [{ labels }] }).alerts[0]?.fingerprint
  t.equal(print({ a: '1', b: '2' }), print({ b: '2', a: '1' }))
  t.not(print({ a: '1' }), print({ a: '2' }))
})
