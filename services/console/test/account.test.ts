import t from 'tap'
import { system } from '#shared/testing/system'
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
