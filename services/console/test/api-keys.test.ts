import t from 'tap'
import { writeFile } from 'node:fs/promises'
import { system } from '#shared/testing/system'
import { openBrowser } from './browser.ts'

/** Keys for programs, as a person makes, replaces and revokes them. */
const aurora = await system()
const browser = await openBrowser()
t.teardown(() => browser.close())
const page = await browser.page()
await page.view({ width: 1280, height: 1000, dark: false })
const person = await aurora.signUp({ organisation: 'Keys' })
const picture = async (name: string) => {
  const folder = process.env['AURORA_SCREENSHOTS']
  if (folder !== undefined) await writeFile(`${folder}/${name}.png`, await page.screenshot())
}
const shown = async () => await page.until<string>('the key', "[...document.querySelectorAll('pre')].map(each => each.innerText).find(text => /^aura?_/.test(text))")
const use = async (key: string) => (await aurora.visitor().request('GET', '/api/incidents', undefined, { authorization: `Bearer ${key}` })).status

t.test('a person makes a key, sees it once, and it does what they chose', async t => {
  await page.open(`${aurora.url}/login?next=%2Faccount`)
  await page.fill('E-mail', person.email)
  await page.fill('Password', person.password)
  await page.press('Sign in')
  await page.sees('A key lets a program')
  await page.press('New key')
  await page.fill('Name', 'Deploy script')
  await page.evaluate("document.querySelector('[aria-label=\"incident:read\"]').click()")
  await picture('api-key-new')
  await page.press('Make the key')
  const key = await shown()
  await picture('api-key-shown')
  await page.key('Escape')
  t.equal(await shown(), key, 'Escape does not take it away')
  await page.press('I have stored the key')
  await page.sees('Deploy script')
  t.notOk(await page.evaluate(`document.documentElement.outerHTML.includes(${JSON.stringify(key)})`))
  t.equal(await use(key), 200)
  await page.sees('Never used')
})

t.test('a key is replaced, and each of the two is revoked', async t => {
  await page.press('Replace Deploy script')
  const key = await shown()
  await page.press('I have stored the key')
  await page.sees('replaced, works until')
  await picture('api-key-replaced')
  for (const left of [1, 0]) {
    await page.press('Revoke Deploy script')
    await page.press('Revoke the key')
    await page.until(`${left} left`, `[...document.querySelectorAll('button')].filter(each => each.getAttribute('aria-label') === 'Revoke Deploy script').length === ${left}`)
  }
  t.equal(await use(key), 401)
})

t.test('those who administer make a key for an agent and revoke it', async t => {
  await page.open(`${aurora.url}/organisation`)
  await page.sees('Nobody has a key.')
  await page.press('New agent key')
  await page.fill('Name', 'Production cluster')
  await page.press('Make the key')
  t.match(await shown(), /^aura_/)
  await page.press('I have stored the key')
  await page.sees('agent:connect')
  await picture('agent-key')
  await page.press('Revoke Production cluster')
  await page.press('Revoke the key')
  await page.sees('Nobody has a key.')
})

t.test('nothing of it breaks the content security policy', async t => {
  t.strictSame(page.violations, [])
})
