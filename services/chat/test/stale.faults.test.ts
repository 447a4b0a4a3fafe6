import { eventually, system } from '#shared/testing/system'
import t from 'tap'
import { talkingPerson } from './place.ts'

const aurora = await system()

t.test('while nobody can say whose session has ended, frames wait; once it is known again they are answered', async t => {
  const { chat, sessionId } = await talkingPerson(aurora)
  t.equal((await chat.say(sessionId, '/help')).type, 'accepted')
  await chat.frame('done')
  await aurora.stop('auth')
  const began = Date.now()
  // a second is how long the log of revocations may be silent
  await eventually(() => Date.now() - began > 1_500, 'the log to be silent')
  const taken = chat.frames.length
  const waiting = chat.say(sessionId, '/help')
  await eventually(() => Date.now() - began > 2_000, 'an answer that must not come')
  t.equal(chat.frames.length, taken, 'nothing is answered meanwhile')
  await aurora.start('auth')
  t.equal((await waiting).type, 'accepted')
  t.equal((await chat.ask(sessionId, '/help')).status, 'done')
})
