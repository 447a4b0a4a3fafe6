import { system } from '#shared/testing/system'
import t from 'tap'
import { newIncident, talkingPerson } from './place.ts'

const aurora = await system()

t.test('commands answer from the incidents of the person who asks, as a stream', async t => {
  const { chat, sessionId, person } = await talkingPerson(aurora)
  const number = await newIncident(person, 'Disk full on db-1')
  const incident = await chat.ask(sessionId, `/incident ${number}`)
  t.match(incident, { status: 'done' })
  t.match(incident.text, new RegExp(`Incident ${number}: .*Disk full on db-1`))
  t.match(incident.text, /Status triggered, severity critical/)
  const timeline = await chat.ask(sessionId, `/timeline #${number}`)
  t.match(timeline.text, new RegExp(`Timeline of incident ${number}\n.*\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC`))
})

t.test('an incident of another organisation is one that is not there', async t => {
  const owner = await talkingPerson(aurora)
  const stranger = await talkingPerson(aurora)
  const number = await newIncident(owner.person, 'Private outage')
  const seen = await stranger.chat.ask(stranger.sessionId, `/incident ${number}`)
  t.equal(seen.text, `There is no incident ${number}.`)
  t.equal((await stranger.chat.ask(stranger.sessionId, `/timeline ${number}`)).text, `There is no incident ${number}.`)
  t.equal((await stranger.chat.ask(stranger.sessionId, '/incident 987654')).text, 'There is no incident 987654.')
})

t.test('help names every command, and an unknown or half-typed one says what exists', async t => {
  const { chat, sessionId } = await talkingPerson(aurora)
  const help = await chat.ask(sessionId, '/help')
  for (const usage of ['/help', '/incident N', '/timeline N']) t.match(help.text, usage)
  t.match((await chat.ask(sessionId, '/constructor')).text, /There is no command \/constructor\. These exist: \/help, \/incident N, \/timeline N/)
  for (const half of ['/incident', '/incident 1 or 1=1', '/timeline ../1']) t.match((await chat.ask(sessionId, half)).text, /Which incident\?/)
})

t.test('without a model, plain words are answered by what works and how to have one', async t => {
  const { chat, sessionId, person } = await talkingPerson(aurora)
  const answer = await chat.ask(sessionId, 'What is wrong with the database?')
  t.match(answer, { status: 'done', text: /No model is configured.*\/incident N.*Connections/ })
  const { body } = await person.request('GET', `/api/chat/sessions/${sessionId}`)
  t.match(body, { session: { title: 'What is wrong with the database?' }, messages: [{ role: 'person', status: 'done' }, { role: 'assistant', source: 'notice', status: 'done', content: answer.text }] })
})
