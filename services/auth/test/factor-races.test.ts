import t from 'tap'
import { eventually, system } from '#shared/testing/system'
import { addTotp, codeAt, firstStep, forgetStep } from './factoring.ts'

const aurora = await system()
const sql = aurora.sql()

t.test('who has begun with a stolen password does not end the sign-in that its owner has begun', async t => {
  const { person, secret } = await addTotp(await aurora.signUp())
  await forgetStep(person)
  const [owner, thief] = [aurora.visitor(), aurora.visitor()]
  t.equal((await firstStep(owner, person)).status, 202)
  t.equal((await firstStep(thief, person)).status, 202)
  t.equal((await owner.request('POST', '/api/auth/login/factor', { totp: codeAt(secret) })).status, 200)
})

t.test('a sign-in that was under way when the first factor was confirmed leaves no session without it', async t => {
  const person = await aurora.signUp()
  const begun = await person.request('POST', '/api/auth/factors/totp', { label: 'Phone' })
  const { id, secret } = begun.body as { id: string, secret: string }
  const late = aurora.visitor()
  let login: ReturnType<typeof firstStep> | undefined
  let confirmed: ReturnType<typeof person.request> | undefined
  const done = { confirmed: false }
  await sql.begin(async held => {
    // A new session waits for the row of its membership, and so stands between its look at the factors and its commit.
    await held`select 1 from auth.memberships where person_id = ${person.person} for update`
    login = firstStep(late, person)
    await eventually(async () => (await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%auth.sessions%'`).length > 0, 'the sign-in to wait')
    confirmed = person.request('POST', `/api/auth/factors/totp/${id}/confirm`, { totp: codeAt(secret) })
    confirmed.then(() => { done.confirmed = true }, () => {})
    // It is either through, or waits for the sign-in: both are good as long as the end is.
    await eventually(async () => done.confirmed || (await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock'`).length > 1, 'the confirmation')
  })
  t.equal((await confirmed)?.status, 200)
  t.comment(`the sign-in answered ${(await login)?.status}`)
  t.strictSame([...await sql`select methods from auth.sessions where person_id = ${person.person} and ended_at is null`], [{ methods: ['pwd', 'otp'] }])
  await eventually(async () => (await late.request('GET', '/api/auth/session')).status === 401, 'the other session to be over')
})

t.test('of two sign-ins that have both found a code right, one uses it: an app\'s code, and a recovery code', async t => {
  const { person, secret, recoveryCodes } = await addTotp(await aurora.signUp())
  await forgetStep(person)
  for (const body of [{ totp: codeAt(secret) }, { recoveryCode: recoveryCodes[0] }]) {
    const browsers = [aurora.visitor(), aurora.visitor()]
    for (const browser of browsers) t.equal((await firstStep(browser, person)).status, 202)
    let answers: Array<ReturnType<typeof person.request>> = []
    await sql.begin(async held => {
      // Both wait for the person's turn, with the code compared and not yet used.
      await held`select 1 from auth.people where id = ${person.person} for update`
      answers = browsers.map(browser => browser.request('POST', '/api/auth/login/factor', body))
      await eventually(async () => (await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%auth.people%'`).length >= 2, 'both to wait')
    })
    t.strictSame((await Promise.all(answers)).map(({ status }) => status).sort(), [200, 401], Object.keys(body).join())
  }
})
