import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { incidentsOf, type Integrations } from './alerts.ts'
import type { Target } from './aurora.ts'
import type { People } from './people.ts'
import type { Report } from './report.ts'
import { deliver, pathOf, senders, type Kind } from './senders.ts'

/** What is not a tool's own, new word is refused, and changes nothing. */
export async function refusals (target: Target, report: Report, { owner }: People, integrations: Integrations): Promise<void> {
  report.section('Deliveries that are refused')
  const before = await incidentsOf(owner)
  const unchanged = async () => assert.deepEqual(await incidentsOf(owner), before, 'the incidents have changed')
  const kinds = Object.keys(integrations) as Kind[]
  const wrong = randomBytes(32).toString('base64url')

  await report.step('a wrong signature or token is 401', async () => {
    for (const kind of kinds) assert.equal((await deliver(target, pathOf(integrations[kind]), await senders[kind](wrong))).status, 401, kind)
    await unchanged()
  })
  await report.step('no signature at all is 401', async () => {
    for (const kind of kinds) assert.equal((await deliver(target, pathOf(integrations[kind]), { ...await senders[kind](wrong), headers: {} })).status, 401, kind)
    await unchanged()
  })
  await report.step('an unknown address is 401 too, in the same words', async () => {
    const unknown = await deliver(target, `/hooks/${randomBytes(24).toString('base64url')}`, await senders.pagerduty(wrong))
    const known = await deliver(target, pathOf(integrations.pagerduty), await senders.pagerduty(wrong))
    assert.deepEqual([unknown.status, { ...unknown.body, requestId: '' }], [known.status, { ...known.body, requestId: '' }])
    assert.equal(unknown.status, 401)
  })
  await report.step('a body that was changed after signing is 401', async () => {
    const { body, headers } = integrations.grafana.sent
    assert.equal((await deliver(target, pathOf(integrations.grafana), { body: body.replace('memory', 'Memory'), headers })).status, 401)
    await unchanged()
  })
  await report.step('a body over 1 MiB is 413', async () => {
    const { headers } = integrations.pagerduty.sent
    const answer = await deliver(target, pathOf(integrations.pagerduty), { body: JSON.stringify({ filler: 'x'.repeat(1024 * 1024) }), headers })
    assert.equal(answer.status, 413)
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
    await unchanged()
  })
  await report.step('a replayed delivery is answered as a duplicate and changes nothing', async () => {
    for (const kind of kinds) {
      const again = await deliver(target, pathOf(integrations[kind]), integrations[kind].sent)
      assert.deepEqual([again.status, again.body], [200, { duplicate: true }], kind)
    }
    await unchanged()
  })
  await report.step('a signed-in person is nobody at a hook, and the secret of a hook opens nothing of the API', async () => {
    for (const kind of kinds) assert.equal((await owner.request('POST', pathOf(integrations[kind]), { alerts: [] })).status, 401, kind)
    const answer = await deliver(target, '/api/connections/gcp', { body: '{}', headers: { authorization: `Bearer ${integrations.alertmanager.secret}` } })
    assert.equal(answer.status, 401)
    await unchanged()
  })
}
