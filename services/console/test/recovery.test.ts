import t from 'tap'
import { writeFile } from 'node:fs/promises'
import { system } from '#shared/testing/system'
import { openBrowser } from './browser.ts'

/** Back in without the password, and another password, as a person does both. */
const aurora = await system()
const browser = await openBrowser()
t.teardown(() => browser.close())
const page = await browser.page()
await page.view({ width: 1280, height: 900, dark: false })
const person = await aurora.signUp({ organisation: 'Recovery' })
const chosen = 'a quite different sentence'
const shot = async (name: string) => { const folder = process.env['SCREENSHOTS']; if (folder !== undefined) await writeFile(`${folder}/${name}.png`, await page.screenshot()) }

async function signIn (password: string): Promise<void> {
  await page.fill('E-mail', person.email)
  await page.fill('Password', password)
  await page.press('Sign in')
}

t.test('a link is asked for on the sign-in page, and the page does not say whether there is an account', async t => {
  await page.open(`${aurora.url}/login`)
  await shot('login')
  await page.press('Forgot your password?')
  await page.sees('We mail you a link to choose a new one')
  await page.fill('E-mail', 'nobody-at-all@example.test')
  await shot('ask')
  await page.press('Send the link')
  await page.sees('If nobody-at-all@example.test has an account')
  await page.open(`${aurora.url}/recovery`)
  await page.fill('E-mail', person.email)
  await page.press('Send the link')
  await page.sees(`If ${person.email} has an account`)
  await shot('sent')
  t.equal((await aurora.mailsTo(person.email, 2)).length, 2)
})

t.test('the link leads to a new password, is gone from the address bar, and leaves the person to sign in', async t => {
  const { link } = (await aurora.mailsTo(person.email, 2)).find(({ link }) => link.includes('/recovery#')) ?? { link: '' }
  await page.open(link)
  await page.until('the page', "document.querySelector('h1')?.innerText === 'Choose a new password'")
  t.equal(await page.evaluate('location.href'), `${aurora.url}/recovery`)
  await page.fill('New password', 'passwordpassword')
  await page.press('Set the password')
  await page.sees('is on the list of passwords')
  await shot('refused')
  await page.fill('New password', chosen)
  await page.press('Set the password')
  await page.sees('Your password is changed')
  await shot('done')
  t.equal((await person.request('GET', '/api/auth/session')).status, 401)
  await page.press('Sign in')
  await signIn(chosen)
  await page.until('the console', "location.pathname === '/'")
})

t.test('the same link a second time is refused in words', async () => {
  const { link } = (await aurora.mailsTo(person.email, 2)).find(({ link }) => link.includes('/recovery#')) ?? { link: '' }
  await page.open(link)
  await page.fill('New password', 'one more sentence')
  await page.press('Set the password')
  await page.sees('The link is not valid any more')
})

t.test('the password is changed on the account page, with a fresh proof where one is due', async t => {
  await aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`
  await page.open(`${aurora.url}/account`)
  await page.sees('You sign in with your e-mail address and a password')
  await shot('account')
  await page.press('Change password')
  await page.fill('New password', 'and yet another sentence')
  await shot('change')
  await page.press('Change it')
  await page.fill('Your password', chosen)
  await page.press('Continue')
  await page.sees('Your password is changed')
  await shot('changed')
  t.equal((await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: chosen })).status, 401)
  t.equal((await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: 'and yet another sentence' })).status, 200)
  t.strictSame(page.violations, [])
})

t.test('the address is changed by the link in the new mailbox, after a button, and the page shows it', async t => {
  const email = 'a-new-address-of-theirs@example.test'
  await page.open(`${aurora.url}/account`)
  await page.press('Change address')
  await page.fill('New e-mail address', email)
  await shot('email')
  await page.press('Send the link')
  await page.sees(`Look into the mail of ${email}`)
  const { link } = (await aurora.mailsTo(email))[0] ?? { link: '' }
  await page.open(link)
  await page.sees('gets the address that this link was mailed to')
  await shot('email-confirm')
  t.equal((await aurora.sql()`select 1 from auth.people where email = ${email}`).length, 0, 'following the link changes nothing')
  await page.press('Use the new address')
  await page.sees(`Your address is ${email} now`)
  await shot('email-done')
  t.equal(await page.evaluate('location.href'), `${aurora.url}/email`)
  t.strictSame(page.violations, [])
})
