import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { throttleKey } from '../throttles.ts'
import { addTotp, codeAt, firstStep, forgetStep } from './factoring.ts'

const aurora = await system()

const triesOf = async ({ person }: Person) => (await aurora.sql()<Array<{ failures: number }>>`select failures from auth.throttles where key = ${throttleKey('factor', person)}`)[0]?.failures

t.test('while nothing opens the seeds a code lets nobody in and costs no try; a recovery code does, and so does the code afterwards', async t => {
  const { person, secret, recoveryCodes } = await addTotp(await aurora.signUp())
  await forgetStep(person)
  const browser = aurora.visitor()
  t.equal((await firstStep(browser, person)).status, 202)
  t.equal((await browser.request('POST', '/api/auth/login/factor', { totp: '000000' })).status, 401)
  await aurora.stop('secrets')
  t.teardown(() => aurora.start('secrets'))
  const statuses = []
  for (let count = 0; count < 8; count++) {
    const answer = await browser.request('POST', '/api/auth/login/factor', { totp: codeAt(secret) })
    statuses.push(answer.status)
    if (answer.status === 503) t.match(answer.headers['retry-after'], /\d/)
  }
  t.strictSame([...new Set(statuses)], [503], 'and no 429')
  t.equal(await triesOf(person), 1, 'the guess of before is not forgiven')
  const recovering = aurora.visitor()
  await firstStep(recovering, person)
  t.equal((await recovering.request('POST', '/api/auth/login/factor', { recoveryCode: recoveryCodes[0] })).status, 200)
  await aurora.start('secrets')
  await forgetStep(person)
  const after = aurora.visitor()
  await firstStep(after, person)
  await eventually(async () => (await after.request('POST', '/api/auth/login/factor', { totp: codeAt(secret) })).status === 200, 'the code to be good', 30)
})
