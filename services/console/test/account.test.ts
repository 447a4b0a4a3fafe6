import t from 'tap'
import { eventually, system } from '#shared/testing/system'
import { openBrowser } from './browser.ts'

/** A person's own page: where they are signed in, and the end of what should not be. */
const aurora = await system()
const browser = await openBrowser()
t.teardown(() => browser.close())
const page = await browser.page()
await page.view({ width: 1280, height: 900, dark: false })
const person = await aurora.signUp({ organisation: 'Account' })

t.test('a person sees where they are signed in, and ends the other session', async t => {
  await page.open(`${aurora.url}/login?next=%2Faccount`)
  await page.fill('E-mail', person.email)
  await page.fill('Password', person.password)
  await page.press('Sign in')
  await page.sees('Where you are signed in')
  await page.sees('(this one)')
  t.equal((await person.request('GET', '/api/auth/session')).status, 200)
  await page.press('End all others')
  await page.until('the button to go', "![...document.querySelectorAll('button')].some(button => button.textContent === 'End all others')")
  t.equal((await person.request('GET', '/api/auth/session')).status, 401)
  t.equal(await page.evaluate("[...document.querySelectorAll('h3')].length"), 1)
})

t.test('a link to a provider that was refused is told on the account, not on the sign-in page', async t => {
  await page.open(`${aurora.url}/login?refused=taken`)
  await page.until('the account', "location.pathname === '/account'")
  t.equal(await page.evaluate('location.search'), '?refused=taken')
})

t.test('a person takes their data with them, deletes their account by typing their address, and comes back by the mailed link', async t => {
  await aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`
  await page.open(`${aurora.url}/account`)
  await page.evaluate('HTMLAnchorElement.prototype.click = function () { globalThis.saved = [this.download, this.href] }')
  // What is loaded above it moves the button.
  await page.sees('Change password')
  await page.sees('(this one)')
  await page.press('Export your data')
  await page.sees('Prove that it is you')
  await page.fill('Your password', person.password)
  await page.press('Continue')
  const name = await page.until<string>('the file', 'globalThis.saved?.[0]')
  t.match(name, /^aurora-account-[\d-]+\.json$/)
  t.equal(await page.evaluate("globalThis.saved[1].startsWith('blob:')"), true)
  await page.press('Delete your account')
  t.equal(await page.evaluate("document.querySelector('dialog [type=submit]').disabled"), true)
  await page.fill('Type your e-mail', person.email)
  await page.press('Delete')
  await page.until('the way out', "location.pathname === '/login'")
  const mail = await eventually(async () => (await aurora.mailsTo(person.email)).findLast(({ subject }) => /was deleted/.test(subject)), 'the mail')
  await page.send('Page.navigate', { url: 'about:blank' })
  await page.open(mail.link)
  t.equal(await page.evaluate('location.href'), `${aurora.url}/account/restore`, 'the token leaves the address bar')
  await page.press('Bring it back')
  await page.sees('Your account is back')
  t.strictSame(page.violations, [])
})
