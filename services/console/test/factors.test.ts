import t from 'tap'
import { Secret, TOTP } from 'otpauth'
import { system } from '#shared/testing/system'
import { openBrowser } from './browser.ts'

/** The second factor in the console: added, asked for at the sign-in and for a proof, asked of everybody. One story, told in order. */
const aurora = await system()
const browser = await openBrowser()
t.teardown(() => browser.close())
const page = await browser.page()
await page.view({ width: 1280, height: 900, dark: true })
const person = await aurora.signUp({ organisation: 'Factors' })
const other = await aurora.signUp({ in: person })
let secret = ''
const code = async () => {
  await aurora.sql()`update auth.factors set last_step = 0 where person_id = ${person.person}`
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate()
}

async function firstStep ({ email, password }: { email: string, password: string }, next: string) {
  await page.send('Network.clearBrowserCookies')
  await page.open(`${aurora.url}/login?next=${encodeURIComponent(next)}`)
  await page.fill('E-mail', email)
  await page.fill('Password', password)
  await page.press('Sign in')
}

t.test('an app is added with a picture, its first code and printed codes', async t => {
  await firstStep(person, '/account')
  await page.sees('You have none: whoever learns your password is in.')
  await page.press('Add an app')
  await page.press('Continue')
  await page.sees('Scan this with the app')
  t.ok(await page.evaluate("document.querySelector('img[alt^=\"QR code\"]').naturalWidth > 0"), 'the picture is drawn here')
  secret = await page.evaluate("/[A-Z2-7]{32}/.exec(document.querySelector('dialog').textContent)[0]") as string
  await page.fill('Code', await code())
  await page.press('Add it')
  await page.sees('Your recovery codes')
  await page.press('I have stored them')
  await page.sees('10 recovery codes are left.')
})

t.test('a sign-in asks for the code after the password, or for a printed one', async t => {
  await firstStep(person, '/account')
  await page.sees('One more step')
  await page.fill('Code from your authenticator app', '000000')
  await page.press('Sign in')
  await page.sees('The code is wrong.')
  await page.press('Use a recovery code instead')
  await page.sees('Each works once.')
  await page.press('Use the app instead')
  await page.fill('Code from your authenticator app', await code())
  await page.press('Sign in')
  await page.sees('Second factors')
  t.equal(await page.evaluate('location.pathname'), '/account')
})

t.test('a proof asks for the code too', async () => {
  await page.sees('recovery codes are left')
  await aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`
  await page.press('Make new ones')
  await page.sees('Prove that it is you')
  await page.fill('Code from your authenticator app', await code())
  await page.press('Continue')
  await page.sees('Your recovery codes')
  await page.press('I have stored them')
})

t.test('where the organisation asks for one, who has none is led to add it and nowhere else', async t => {
  await aurora.sql()`update auth.organisations set require_factor = true where id = ${person.organisation}`
  await firstStep(other, '/chat')
  await page.sees('Factors asks for a second factor. Add one to go on.')
  t.equal(await page.evaluate('location.pathname'), '/account')
})
