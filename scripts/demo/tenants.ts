import assert from 'node:assert/strict'
import type { Integrations } from './alerts.ts'
import type { Answer } from './browser.ts'
import { openTalk } from './conversation.ts'
import type { People } from './people.ts'
import type { Report } from './report.ts'

/** The other organisation can not tell what is not its own from what is not at all. */
export async function tenants (report: Report, { owner, other }: People, integrations: Integrations): Promise<void> {
  report.section('The other organisation')
  const made = '00000000-0000-7000-8000-000000000000'
  const bare = ({ status, body: { requestId, ...body } }: Answer) => ({ status, body })

  await report.step('sees no incident, integration, connection or conversation', async () => {
    const session = await owner.expect<{ id: string }>(201, 'POST', '/api/chat/sessions', { title: 'Private' })
    assert.deepEqual((await other.expect(200, 'GET', '/api/incidents'))['incidents'], [])
    assert.deepEqual((await other.expect(200, 'GET', '/api/integrations'))['integrations'], [])
    assert.ok(!JSON.stringify(await other.expect(200, 'GET', '/api/connections')).includes('gcp'))
    assert.ok(!JSON.stringify(await other.expect(200, 'GET', '/api/chat/sessions')).includes(session.id))
    await other.expect(404, 'GET', `/api/chat/sessions/${session.id}`)
  })
  await report.step('gets the same answer for what is there and what is not', async () => {
    const session = (await owner.expect<{ sessions: Array<{ id: string }> }>(200, 'GET', '/api/chat/sessions')).sessions[0]?.id ?? ''
    const pairs: Array<[method: string, theirs: string, nobodys: string]> = [
      ['GET', '/api/incidents/1', '/api/incidents/999999'],
      ['GET', '/api/incidents/1/timeline', '/api/incidents/999999/timeline'],
      ['POST', '/api/incidents/1/acknowledge', '/api/incidents/999999/acknowledge'],
      ['POST', '/api/incidents/1/resolve', '/api/incidents/999999/resolve'],
      ['DELETE', `/api/integrations/${integrations.pagerduty.id}`, `/api/integrations/${made}`],
      ['GET', '/api/connections/gcp', '/api/connections/aws'],
      ['GET', `/api/chat/sessions/${session}`, `/api/chat/sessions/${made}`],
      ['DELETE', `/api/chat/sessions/${session}`, `/api/chat/sessions/${made}`]
    ]
    for (const [method, theirs, nobodys] of pairs) {
      const [there, absent] = [bare(await other.request(method, theirs)), bare(await other.request(method, nobodys))]
      assert.deepEqual(there, absent, `${method} ${theirs}`)
      assert.equal(there.status, 404, `${method} ${theirs}`)
    }
    return `${pairs.length} pairs`
  })
  await report.step('its chat knows no incident 1 either', async () => {
    const talk = await openTalk(other)
    const { text } = await talk.answerTo(talk.send('/incident 1'))
    talk.close()
    assert.ok(!/bump|InstanceDown|memory/i.test(text), text)
  })
  await report.step('and nothing of the first has changed by all that', async () => {
    assert.equal((await owner.expect(200, 'GET', '/api/incidents/1'))['status'], 'acknowledged')
    assert.equal((await owner.expect<{ integrations: unknown[] }>(200, 'GET', '/api/integrations')).integrations.length, 3)
  })
}
