import t from 'tap'
import { startCloud } from '#shared/testing/cloud'
import { system } from '#shared/testing/system'
import { openBrowser } from './browser.ts'

/** A cloud in the console: what it is asked for is said before, there and back, and its end. It starts auth anew with a cloud of its own. */
const aurora = await system()
const [port = 0] = aurora.identityPorts
const client = { id: 'aurora', secret: crypto.randomUUID() }
const cloud = await startCloud(port, client)
async function setClouds (clouds: object[]): Promise<void> {
  const path = 'aurora/data/default/services/auth'
  const { data, metadata } = await aurora.vault('GET', path) as { data: Record<string, string>, metadata: { version: number } }
  await aurora.vault('POST', path, { body: { options: { cas: metadata.version }, data: { ...data, cloudProviders: JSON.stringify(clouds) } } })
  await aurora.restart('auth')
}
await setClouds([{ name: 'gcp-oauth', clientId: client.id, clientSecret: client.secret, endpoints: cloud.endpoints }])
const browser = await openBrowser()
t.teardown(async () => {
  await browser.close()
  await setClouds([])
  await cloud.close()
})
const page = await browser.page()
await page.view({ width: 1280, height: 900, dark: false })
const person = await aurora.signUp({ organisation: 'Clouds' })

t.test('a person reads what a cloud is asked for, allows it there, and comes back connected', async t => {
  await page.open(`${aurora.url}/login?next=%2Fconnections`)
  await page.fill('E-mail', person.email)
  await page.fill('Password', person.password)
  await page.press('Sign in')
  await page.sees('Google Cloud account')
  await page.press('Connect your Google Cloud account')
  await page.sees('See your Google Cloud projects: resources, logs and metrics. It can change nothing.')
  t.equal(cloud.exchanges, 0, 'and nothing has happened yet')
  await page.press('Go to Google Cloud')
  await page.until('the way back', `location.origin === ${JSON.stringify(aurora.url)} && [...document.querySelectorAll('button')].some(button => button.getAttribute('aria-label') === 'Disconnect your Google Cloud account')`)
  t.equal(await page.evaluate('location.pathname + location.search'), '/connections')
})

t.test('one that its provider does not renew any more is not called connected, and says what to do', async () => {
  await aurora.sql()`update secrets.user_tokens set broken = 'lost' where person_id = ${person.person}`
  await page.open(`${aurora.url}/connections`)
  await page.sees('an answer of its did not arrive before')
  await page.sees('Disconnect it, and connect it again')
})

t.test('they disconnect it, and are told when the provider did not say that it has ended', async () => {
  cloud.revocationStatus = 500
  await page.press('Disconnect your Google Cloud account')
  await page.press('Disconnect')
  await page.sees('did not say that it has ended there')
  await page.press('Connect your Google Cloud account')
  await page.key('Escape')
})

t.test('what a browser brings back is said in words of ours, and nothing else', async t => {
  await page.open(`${aurora.url}/connections?refused=fewer-rights`)
  await page.sees('Not everything that was asked for was allowed.')
  await page.open(`${aurora.url}/connections?refused=constructor`)
  await page.sees('Google Cloud account')
  t.equal(await page.evaluate("document.querySelector('main [role=alert]') === null"), true)
  t.strictSame(page.violations, [])
})
