/** Answers that a model holds open: nobody's are all there is room for. */
import { system, type Person } from '#shared/testing/system'
import t from 'tap'
import { GOOD_KEY, startModelDouble } from './model-double.ts'
import { talkingPerson } from './place.ts'

const aurora = await system()
const double = await startModelDouble(aurora.modelPort)
t.teardown(() => double.close())

async function asker (person?: Person) {
  const talking = await talkingPerson(aurora, person)
  await talking.person.request('PUT', '/api/connections/openai', { values: { apiKey: GOOD_KEY, baseUrl: double.baseUrl, model: 'silent' } })
  return talking
}

type Asker = Awaited<ReturnType<typeof asker>>

const ask = ({ chat, sessionId }: Asker) => chat.say(sessionId, 'What is wrong?')

/** The five messages a minute are another limit than the one that is looked at here. */
const forgetBucket = async ({ person }: Asker) => { await (await aurora.redis('state')).del(`chat:bucket:${person.person}`) }

async function hold (talking: Asker, count: number) {
  for (let n = 0; n < count; n++) t.equal((await ask(talking)).type, 'accepted')
}

const kept = async ({ person, sessionId }: Asker) => ((await person.request('GET', `/api/chat/sessions/${sessionId}`)).body as { messages: unknown[] }).messages.length

t.test('a sixth answer at once is refused with when to come back and not kept; one that ends makes room', async t => {
  const talking = await asker()
  const { chat } = talking
  await hold(talking, 5)
  await forgetBucket(talking)
  t.match(await ask(talking), { type: 'error', data: { code: 'unavailable', detail: /5 of your answers/, retryAfter: 5 } })
  t.equal(await kept(talking), 10, 'the sixth was not kept')
  const other = await asker()
  t.equal((await ask(other)).type, 'accepted', 'somebody else is not in its way')
  const [first] = chat.frames.flatMap(frame => frame.type === 'accepted' ? [frame.messageId] : [])
  chat.write({ v: 1, type: 'stop', messageId: first })
  t.equal((await chat.frame('done')).data.status, 'stopped')
  t.equal((await ask(talking)).type, 'accepted')
  t.match(await ask(talking), { type: 'error', data: { code: 'unavailable' } })
})

t.test('six at the same moment on two sockets are five', async t => {
  const talking = await asker()
  const second = { ...talking, chat: (await talkingPerson(aurora, talking.person)).chat }
  await hold(talking, 4)
  await forgetBucket(talking)
  const both = await Promise.all([ask(talking), ask(second)])
  t.strictSame(both.map(({ type }) => type).sort(), ['accepted', 'error'])
})

t.test('fifty answers of one organisation are its share, and another organisation has its own', async t => {
  const owner = await asker()
  const members = [owner]
  for (let n = 0; n < 10; n++) members.push(await asker(await aurora.signUp({ in: owner.person })))
  const late = members.pop() as Asker
  for (const member of members) await hold(member, 5)
  t.match(await ask(late), { type: 'error', data: { code: 'unavailable', detail: /your organisation/, retryAfter: 5 } })
  t.equal((await ask(await asker())).type, 'accepted')
})
