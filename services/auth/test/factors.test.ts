import t from 'tap'
import { randomUUID } from 'node:crypto'
import { eventually, system, type Person } from '#shared/testing/system'
import { addTotp, codeAt, firstStep, forgetGuesses, forgetStep } from './factoring.ts'
import { unproved } from './inviting.ts'

const aurora = await system()
const visitor = () => aurora.visitor()
const signedIn = async (browser: Pick<Person, 'request'>) => (await browser.request('GET', '/api/auth/session')).status === 200

t.test('with an app the password opens no session, and the code does', async t => {
  const { person, secret } = await addTotp(await aurora.signUp())
  await forgetStep(person)
  const browser = visitor()
  const first = await firstStep(browser, person)
  t.match(first, { status: 202, body: { factors: ['totp', 'recovery-code'] } })
  t.notMatch(String(first.headers['set-cookie']), /__Host-aurora=/, 'no session')
  t.match([first.headers['set-cookie']].flat().find(line => line?.startsWith('__Host-aurora-pending=')), /Path=\/; HttpOnly; Secure; SameSite=Strict/)
  t.notOk(await signedIn(browser))
  const second = await browser.request('POST', '/api/auth/login/factor', { totp: codeAt(secret) })
  t.match(second, { status: 200, body: { person: { id: person.person }, methods: ['pwd', 'otp'], mustEnrol: false } })
  t.ok(await signedIn(browser))
  t.notMatch(browser.cookie(), /pending/, 'the first step is used up')
})

t.test('the second step, a rung better each time', async t => {
  const { person, secret, code } = await addTotp(await aurora.signUp())
  const other = await addTotp(await aurora.signUp())
  const ask = (browser: Pick<Person, 'request'>, body: unknown) => browser.request('POST', '/api/auth/login/factor', body)
  t.equal((await ask(visitor(), { totp: codeAt(secret) })).status, 401, 'nobody who has not begun')
  const browser = visitor()
  await firstStep(browser, person)
  for (const totp of ['', '12345', '1234567', '12 34 56', `${codeAt(secret)} `, ` ${codeAt(secret)}`, 123456]) t.equal((await ask(browser, { totp })).status, 400, String(totp))
  t.equal((await ask(browser, { totp: await code(), recoveryCode: 'x'.repeat(23) })).status, 400, 'one of them')
  t.equal((await ask(browser, {})).status, 400)
  t.match(await ask(browser, { totp: await other.code() }), { status: 401, body: { detail: 'The code is wrong.' } }, 'somebody else\'s code')
  t.equal((await ask(browser, { totp: codeAt(secret, Date.now() - 120_000) })).status, 401, 'a code of two minutes ago')
  t.equal((await ask(browser, { recoveryCode: other.recoveryCodes[0] })).status, 401, 'somebody else\'s recovery code')
  t.equal((await browser.request('POST', '/api/auth/login/factor', { totp: await code() }, { origin: 'https://elsewhere.example' })).status, 403, 'another site')
  t.notOk(await signedIn(browser))
  t.equal((await ask(browser, { totp: await code() })).status, 200)
  t.equal((await ask(browser, { totp: await code() })).status, 401, 'and only once')
})

t.test('a clock may be off by one step and no more', async t => {
  const { person, secret } = await addTotp(await aurora.signUp())
  for (const [seconds, status] of [[-30, 200], [30, 200], [-90, 401], [90, 401]] as const) {
    await forgetStep(person)
    await forgetGuesses()
    const browser = visitor()
    await firstStep(browser, person)
    t.equal((await browser.request('POST', '/api/auth/login/factor', { totp: codeAt(secret, Date.now() + seconds * 1000) })).status, status, `${seconds} s`)
  }
})

t.test('of twenty who show one code at once, one is let in, and never again', async t => {
  const { person, code } = await addTotp(await aurora.signUp())
  const totp = await code()
  const browser = visitor()
  await firstStep(browser, person)
  const pending = browser.cookie()
  const peer = await aurora.peer('edge')
  const show = (index: number) => peer.request('auth', 'POST', '/api/auth/login/factor', { headers: { cookie: pending, origin: aurora.url, 'x-forwarded-for': `203.0.113.${index}` }, body: { totp } })
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => show(index)))
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.ok(answers.every(({ status }) => [200, 401, 429].includes(status)))
  await forgetGuesses()
  const again = visitor()
  await firstStep(again, person)
  t.match(await again.request('POST', '/api/auth/login/factor', { totp }), { status: 401 }, 'the same code at another sign-in')
})

t.test('a recovery code works once, however it is typed and however many show it', async t => {
  const { person, recoveryCodes } = await addTotp(await aurora.signUp())
  t.equal(recoveryCodes.length, 10)
  t.ok(recoveryCodes.every(code => /^([2-9a-hjkmnp-z]{6}-){3}[2-9a-hjkmnp-z]{6}$/.test(code)))
  const browser = visitor()
  await firstStep(browser, person)
  t.match(await browser.request('POST', '/api/auth/login/factor', { recoveryCode: ` ${String(recoveryCodes[0]).toUpperCase().replaceAll('-', ' ')} ` }), { status: 200, body: { methods: ['pwd', 'rc'] } })
  const again = visitor()
  await firstStep(again, person)
  t.equal((await again.request('POST', '/api/auth/login/factor', { recoveryCode: recoveryCodes[0] })).status, 401)
  const pending = again.cookie()
  const edge = await aurora.peer('edge')
  const answers = await Promise.all(Array.from({ length: 20 }, () => edge.request('auth', 'POST', '/api/auth/login/factor', { headers: { cookie: pending, origin: aurora.url }, body: { recoveryCode: recoveryCodes[1] } })))
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.match((await browser.request('GET', '/api/auth/factors')).body, { recoveryCodes: 8 })
})

t.test('guesses are counted by person, whatever sign-in they are made in, and do not keep the owner out of a browser that is known', async t => {
  const { person, code } = await addTotp(await aurora.signUp())
  const seen: number[] = []
  for (let count = 0; count < 8; count++) {
    // Each in a sign-in of its own: a stolen password begins as many as it likes.
    const thief = visitor()
    await firstStep(thief, person)
    seen.push((await thief.request('POST', '/api/auth/login/factor', { totp: '000000' })).status)
  }
  t.strictSame(seen.slice(0, 5), [401, 401, 401, 401, 401])
  t.ok(seen.includes(429))
  // The browser that the account was made in, signed out.
  t.equal((await person.request('POST', '/api/auth/logout')).status, 204)
  t.equal((await firstStep(person, person)).status, 202)
  t.equal((await person.request('POST', '/api/auth/login/factor', { totp: await code() })).status, 200)
})

t.test('five wrong codes end a sign-in that was begun', async t => {
  const { person, code } = await addTotp(await aurora.signUp())
  const browser = visitor()
  await firstStep(browser, person)
  for (let count = 0; count < 5; count++) {
    await forgetGuesses()
    t.match(await browser.request('POST', '/api/auth/login/factor', { totp: '000000' }), { body: { detail: 'The code is wrong.' } })
  }
  await forgetGuesses()
  t.match(await browser.request('POST', '/api/auth/login/factor', { totp: await code() }), { status: 401, body: { detail: 'Begin to sign in again.' } })
})

t.test('a sign-in that was begun is over after five minutes, and when the password is another', async t => {
  const { person, code } = await addTotp(await aurora.signUp())
  const late = visitor()
  await firstStep(late, person)
  await aurora.sql()`update auth.pending_logins set created_at = now() - interval '6 minutes', expires_at = now() - interval '1 second' where person_id = ${person.person}`
  for (const totp of ['000000', await code()]) t.match(await late.request('POST', '/api/auth/login/factor', { totp }), { status: 401, body: { detail: 'Begin to sign in again.' } }, 'right or wrong is not said any more')
  const begun = visitor()
  await firstStep(begun, person)
  await aurora.sql()`update auth.passwords set changed_at = now() where person_id = ${person.person}`
  t.match(await begun.request('POST', '/api/auth/login/factor', { totp: await code() }), { status: 401, body: { detail: 'Begin to sign in again.' } })
})

t.test('adding an app takes a fresh proof and its first code, ends the other sessions and tells its owner', async t => {
  const person = await aurora.signUp()
  const elsewhere = visitor()
  t.equal((await firstStep(elsewhere, person)).status, 200)
  await unproved(person)
  t.match(await person.request('POST', '/api/auth/factors/totp', { label: 'Phone' }), { status: 403, body: { type: /step-up-required/ } })
  t.equal((await person.request('POST', '/api/auth/step-up', { password: person.password })).status, 200)
  const begun = await person.request('POST', '/api/auth/factors/totp', { label: 'Phone' })
  t.match(begun, { status: 201, headers: { 'cache-control': 'no-store' } })
  const { id, uri, secret } = begun.body as { id: string, uri: string, secret: string }
  t.match(uri, /^otpauth:\/\/totp\/Aurora:.*secret=[A-Z2-7]{32}&/)
  t.strictSame((await person.request('GET', '/api/auth/factors')).body, { factors: [], recoveryCodes: 0 }, 'it does not count yet')
  t.equal((await firstStep(visitor(), person)).status, 200, 'nor is it asked for')
  const confirm = (totp: string, of = id, who: Pick<Person, 'request'> = person) => who.request('POST', `/api/auth/factors/totp/${of}/confirm`, { totp })
  t.equal((await confirm('000000')).status, 400)
  t.equal((await confirm(codeAt(secret), randomUUID())).status, 404)
  t.equal((await confirm(codeAt(secret), id, await aurora.signUp())).status, 404, 'somebody else')
  const before = person.cookie()
  t.match(await confirm(codeAt(secret)), { status: 200, headers: { 'cache-control': 'no-store' } })
  t.equal((await confirm(codeAt(secret))).status, 404, 'once')
  t.not(person.cookie(), before, 'the session goes on under another secret')
  t.notOk(await signedIn(elsewhere))
  t.match((await person.request('GET', '/api/auth/session')).body, { methods: ['pwd', 'otp'] })
  await eventually(async () => (await aurora.mailsTo(person.email)).some(({ subject }) => subject === 'A second factor was added to your Aurora account'), 'the notice')
  const [row] = await aurora.sql()`select sealed from auth.factors where id = ${id}`
  t.match(row?.['sealed'], /^vault:v1:/)
})

t.test('a proof of someone with an app is the code, and a session that has shown none removes nothing', async t => {
  const { person, factor, code } = await addTotp(await aurora.signUp())
  await unproved(person)
  t.match(await person.request('DELETE', `/api/auth/factors/${factor}`), { status: 403, body: { type: /step-up-required/ } })
  t.match(await person.request('POST', '/api/auth/step-up', { password: person.password }), { status: 403, body: { detail: 'Your account has a second factor: show that.' } })
  t.equal((await person.request('POST', '/api/auth/step-up', { totp: '000000' })).status, 403)
  t.match(await person.request('POST', '/api/auth/step-up', { totp: await code() }), { status: 200, body: { methods: ['pwd', 'otp'] } })
  await aurora.sql()`update auth.sessions set methods = '{pwd}' where person_id = ${person.person}`
  t.match(await person.request('DELETE', `/api/auth/factors/${factor}`), { status: 403, body: { detail: 'Sign in with a second factor to remove one.' } })
  await aurora.sql()`update auth.sessions set methods = '{pwd,otp}' where person_id = ${person.person}`
  t.equal((await (await aurora.signUp()).request('DELETE', `/api/auth/factors/${factor}`)).status, 404, 'nobody else')
  t.equal((await person.request('DELETE', `/api/auth/factors/${factor}`)).status, 204)
  t.equal((await firstStep(visitor(), person)).status, 200, 'the password alone again')
  t.match((await person.request('GET', '/api/auth/factors')).body, { factors: [], recoveryCodes: 0 })
})

t.test('new recovery codes take the place of the old', async t => {
  const { person, recoveryCodes } = await addTotp(await aurora.signUp())
  t.equal((await (await aurora.signUp()).request('POST', '/api/auth/factors/recovery-codes')).status, 409, 'they stand in for a factor')
  const { body, status } = await person.request('POST', '/api/auth/factors/recovery-codes')
  t.equal(status, 200)
  const browser = visitor()
  await firstStep(browser, person)
  t.equal((await browser.request('POST', '/api/auth/login/factor', { recoveryCode: recoveryCodes[0] })).status, 401)
  t.equal((await browser.request('POST', '/api/auth/login/factor', { recoveryCode: body.recoveryCodes[0] })).status, 200)
})

t.test('a mailed way back in changes the password and asks for the factor all the same', async t => {
  const { person, code } = await addTotp(await aurora.signUp())
  t.equal((await visitor().request('POST', '/api/auth/recovery', { email: person.email })).status, 202)
  const mails = await aurora.mailsTo(person.email, 3)
  const secret = decodeURIComponent(/token=([^&]+)/.exec(mails.find(({ link }) => link.includes('/recovery#token='))?.link ?? '')?.[1] ?? '')
  const password = `another ${randomUUID()}`
  t.equal((await visitor().request('POST', '/api/auth/recovery/complete', { secret, password })).status, 204)
  const browser = visitor()
  t.equal((await firstStep(browser, { ...person, password })).status, 202)
  t.equal((await browser.request('POST', '/api/auth/login/factor', { totp: await code() })).status, 200)
})
