import t from 'tap'
import { system } from '#shared/testing/system'
import { openBrowser } from './browser.ts'

/** The forms of connections: one table, with ways to choose from and names of one's own. */
const aurora = await system()
const browser = await openBrowser()
t.teardown(() => browser.close())
const page = await browser.page()
await page.view({ width: 1280, height: 1400, dark: false })
const person = await aurora.signUp({ organisation: 'Connections' })
const stored = async (provider: string) => (await aurora.vault('GET', `aurora/data/default/orgs/${person.organisation}/users/${person.person}/${provider}`, { as: 'secrets' }) as { data: object }).data

t.test('a person chooses a way to connect, and only what belongs to it is sent', async t => {
  await page.open(`${aurora.url}/login?next=%2Fconnections`)
  await page.fill('E-mail', person.email)
  await page.fill('Password', person.password)
  await page.press('Sign in')
  await page.press('Connect Amazon Web Services')
  await page.fill('Access key id', 'AKIAIOSFODNN7EXAMPLE')
  await page.evaluate("(() => { const it = document.querySelector('dialog select'); it.focus(); it.value = '1'; it.dispatchEvent(new Event('change', { bubbles: true })) })()")
  await page.fill('ARN of the role', 'arn:aws:iam::123456789012:user/somebody')
  await page.fill('External id', 'aurora-demo-7')
  await page.press('Store')
  await page.sees('is not the ARN of a role')
  await page.fill('ARN of the role', 'arn:aws:iam::123456789012:role/reader')
  await page.press('Store')
  await page.sees('role: arn:aws:iam::123456789012:role/reader')
  t.same(await stored('aws'), { roleArn: 'arn:aws:iam::123456789012:role/reader', externalId: 'aurora-demo-7' })
})

t.test('names and values of one\'s own: each name once, and none of it comes back', async t => {
  await page.press('Connect Other secrets')
  await page.fill('Name', 'user')
  await page.fill('Value', 'reader')
  await page.press('Another')
  await page.fill('Name 2', 'user')
  await page.fill('Value 2', 'a planted secret')
  await page.press('Store')
  t.equal(await page.evaluate("document.querySelector('input[name=name-1]').validationMessage"), 'This name is there already.')
  await page.fill('Name 2', 'password')
  await page.press('Store')
  await page.sees('values: 2')
  t.same(await stored('generic'), { user: 'reader', password: 'a planted secret' })
  t.notOk(await page.evaluate("document.documentElement.outerHTML.includes('planted')"))
  t.strictSame(page.violations, [])
})

t.test('a kubeconfig is refused in words that say what to do', async () => {
  await page.press('Connect Google Cloud')
  await page.fill('Service account key (JSON)', 'apiVersion: v1\nkind: Config\nclusters: []\n')
  await page.press('Store')
  await page.sees('Connect the cluster by the agent')
})
