import assert from 'node:assert/strict'
import { openTalk } from './conversation.ts'
import type { People } from './people.ts'
import type { Report } from './report.ts'

/** The chat answers about incidents, five messages a minute. Returns the conversation, for the restarts. */
export async function chat (report: Report, { owner }: People): Promise<string> {
  report.section('Chat')
  const talk = await openTalk(owner)
  const [first, ...rest] = ['/incident 1', '/timeline 1', '/help', '/help', '/help', '/help']

  await report.step('answers /incident 1 from what the person may see', async () => {
    const { title } = await owner.expect<{ title: string }>(200, 'GET', '/api/incidents/1')
    const { text, status } = await talk.answerTo(talk.send(first as string))
    assert.equal(status, 'done')
    assert.ok(text.includes(title), text)
    return title
  })
  await report.step('the sixth message in a minute is refused, with when to retry', async () => {
    const answers = await Promise.all(rest.map(text => talk.answerTo(talk.send(text))))
    assert.deepEqual(answers.map(answer => answer.status), ['done', 'done', 'done', 'done', 'limited'])
    const retryAfter = answers.at(-1)?.retryAfter ?? 0
    assert.ok(retryAfter >= 1 && retryAfter <= 60, `retryAfter is ${retryAfter}`)
    return `again in ${retryAfter} s`
  })
  await report.step('nor does another socket of the same person get round that', async () => {
    const second = await openTalk(owner)
    const { status } = await second.answerTo(second.send('/help'))
    second.close()
    assert.equal(status, 'limited')
  })
  talk.close()
  return talk.session
}
