import t from 'tap'
import { system } from '#shared/testing/system'
import { openBrowser } from './browser.ts'

/** Passkeys in a real browser, with the authenticator that it has for tests. One story, told in order. */
const aurora = await system()
const browser = await openBrowser()
t.teardown(() => browser.close())
const page = await browser.page()
await page.view({ width: 1280, height: 900, dark: true })
await page.send('WebAuthn.enable')
const { authenticatorId } = await page.send('WebAuthn.addVirtualAuthenticator', {
  options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true }
})
const verifies = (isUserVerified: boolean) => page.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
const person = await aurora.signUp({ organisation: 'Passkeys' })

async function signOut () {
  await page.send('Network.clearBrowserCookies')
  await page.open(`${aurora.url}/login?next=%2Faccount`)
}

t.test('a passkey is added on the account page, with recovery codes', async t => {
  await signOut()
  await page.fill('E-mail', person.email)
  await page.fill('Password', person.password)
  await page.press('Sign in')
  await page.sees('You have none: whoever learns your password is in.')
  await page.press('Add a passkey')
  await page.fill('Name', 'Test laptop')
  await page.press('Continue')
  await page.sees('Your recovery codes')
  await page.press('I have stored them')
  await page.sees('Test laptop')
  const { credentials } = await page.send('WebAuthn.getCredentials', { authenticatorId }) as { credentials: Array<{ isResidentCredential: boolean, rpId: string }> }
  t.match(credentials, [{ isResidentCredential: true, rpId: new URL(aurora.url).hostname }])
})

t.test('the same device is not added twice', async () => {
  await page.press('Add a passkey')
  await page.press('Continue')
  await page.sees('This device holds a passkey of yours already')
  await page.press('Cancel')
})

t.test('it signs in without a password and without a name', async t => {
  await signOut()
  await page.press('Sign in with a passkey')
  await page.sees('Second factors')
  t.equal(await page.evaluate('location.pathname'), '/account')
  t.match(await aurora.sql()`select methods from auth.sessions where person_id = ${person.person} order by created_at desc limit 1`, [{ methods: ['pop'] }])
})

t.test('it proves once more who somebody is', async () => {
  await aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`
  await page.press('Make new ones')
  await page.sees('Prove that it is you')
  await page.press('Use your passkey')
  await page.sees('Your recovery codes')
  await page.press('I have stored them')
})

t.test('after the password it is the second step', async t => {
  await signOut()
  await page.fill('E-mail', person.email)
  await page.fill('Password', person.password)
  await page.press('Sign in')
  await page.sees('One more step')
  await page.press('Use a recovery code instead')
  await page.sees('Each works once.')
  await page.press('Use your passkey instead')
  await page.press('Use your passkey')
  await page.sees('Second factors')
  t.match(await aurora.sql()`select methods from auth.sessions where person_id = ${person.person} order by created_at desc limit 1`, [{ methods: ['pwd', 'pop'] }])
})

t.test('whom the device does not verify is told in words, and not let in', async t => {
  await signOut()
  await verifies(false)
  await page.press('Sign in with a passkey')
  await page.sees('No passkey was used')
  t.equal(await page.evaluate('location.pathname'), '/login')
  await verifies(true)
  await page.press('Sign in with a passkey')
  await page.sees('Second factors')
})

t.test('nothing of it breaks the policy of the page', async t => {
  t.strictSame(page.violations, [])
})
