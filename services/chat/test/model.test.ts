import t from 'tap'
import { complete } from '../model/complete.ts'
import type { Usage } from '../usage.ts'
import { GOOD_KEY, startModelDouble } from './model-double.ts'

const double = await startModelDouble()
t.teardown(() => double.close())

interface Asked { model: string, apiKey?: string, baseUrl?: string, allowedHosts?: string[], signal?: AbortSignal, silence?: number }

async function ask ({ model, apiKey = GOOD_KEY, baseUrl = double.baseUrl, allowedHosts = [double.host], signal = new AbortController().signal, silence }: Asked) {
  let text = ''
  let usage: Usage | null = null
  try {
    const pieces = complete({
      settings: { model, apiKey, baseUrl },
      messages: [{ role: 'user', content: 'What is wrong?' }],
      allowedHosts,
      signal,
      onUsage: counted => { usage = counted },
      ...(silence === undefined ? {} : { silence })
    })
    for await (const piece of pieces) text += piece
    return { text, usage, failure: null, status: 'done' }
  } catch (error) {
    const { message, status } = error as Error & { status?: string }
    return { text, usage, failure: message, status }
  }
}

t.test('a model with the right key answers, and says what it counted', async t => {
  t.strictSame(await ask({ model: 'plain' }), {
    text: 'Disk full – 98 %', usage: { inputTokens: 11, outputTokens: 3, cachedTokens: 4, estimated: false }, failure: null, status: 'done'
  })
})

t.test('each failure of a model is said in words, with what was already answered, and never with the key', async t => {
  const ladder: Array<[Asked, RegExp, string, string]> = [
    [{ model: 'plain', apiKey: 'wrong' }, /refused the key/, 'failed', ''],
    [{ model: 'nobody' }, /does not know this model/, 'failed', ''],
    [{ model: 'busy' }, /too much to do/, 'failed', ''],
    [{ model: 'failing' }, /problem of its own/, 'failed', ''],
    [{ model: 'moved' }, /redirect/, 'failed', ''],
    [{ model: 'not JSON' }, /not a completion/, 'failed', ''],
    [{ model: 'tool calls' }, /asked for a tool/, 'failed', ''],
    [{ model: 'a line without end' }, /too long to be read/, 'failed', 'Disk '],
    [{ model: 'an event without end' }, /too long to be read/, 'failed', 'Disk '],
    [{ model: 'error in the middle' }, /reported an error/, 'interrupted', 'Disk '],
    [{ model: 'broken off' }, /broke off/, 'interrupted', 'Disk '],
    [{ model: 'dies' }, /was lost/, 'interrupted', 'Disk '],
    [{ model: 'cut by length' }, /longest answer/, 'interrupted', 'Disk '],
    [{ model: 'silent', silence: 1_100 }, /fell silent/, 'interrupted', 'Disk ']
  ]
  for (const [asked, words, status, text] of ladder) {
    const answer = await ask(asked)
    t.match(answer.failure, words, asked.model)
    t.equal(answer.status, status, `${asked.model} ends as ${status}`)
    t.equal(answer.text, text)
    t.notMatch(answer.failure, GOOD_KEY)
  }
})

t.test('an address that the operator did not allow is not asked', async t => {
  const private_ = await ask({ model: 'plain', allowedHosts: [] })
  t.match(private_.failure, /must begin with https/)
  const other = await ask({ model: 'plain', allowedHosts: ['127.0.0.1:1'] })
  t.match(other.failure, /must begin with https/)
  const metadata = await ask({ model: 'plain', baseUrl: 'https://169.254.169.254/v1', allowedHosts: [] })
  t.match(metadata.failure, /not a public/)
  const gone = await ask({ model: 'plain', baseUrl: 'http://127.0.0.1:1/v1', allowedHosts: ['127.0.0.1:1'] })
  t.match(gone.failure, /does not answer/)
})

t.test('stopping ends the call with the reason of whoever stopped', async t => {
  const controller = new AbortController()
  const answer = ask({ model: 'silent', signal: controller.signal })
  setTimeout(() => controller.abort('stopped'), 50)
  t.match(await answer.catch(reason => ({ reason })), { text: 'Disk ' })
  t.equal(controller.signal.reason, 'stopped')
})
