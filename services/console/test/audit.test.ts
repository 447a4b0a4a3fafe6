import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { openBrowser } from './browser.ts'

/** The audit log as a person meets it in the console. One story, told in order. */
const aurora = await system()
const browser = await openBrowser()
t.teardown(() => browser.close())
const page = await browser.page()
await page.view({ width: 1280, height: 900, dark: true })

const owner = await aurora.signUp({ organisation: 'Audited' })
const append = (service: 'auth' | 'secrets', person: string | null, action: string, outcome: string, count: number) => aurora.sqlAs(service, { organisation: owner.organisation, person }, sql => sql`
  select count(audit.append(${action}, '<b>target</b> ' || n, ${outcome}, '{"caller": "chat", "note": "<img src=x onerror=alert(1)>"}', 'request-' || n))
  from generate_series(1, ${count}::integer) n`)
await append('secrets', owner.person, 'credential.read', 'success', 70)
await append('secrets', owner.person, 'credential.read', 'refused', 1)
await append('auth', null, 'auth.login.failed', 'refused', 2)

const rows = () => page.evaluate<number>("document.querySelectorAll('main li').length")
const actions = () => page.evaluate<string[]>("[...new Set([...document.querySelectorAll('main summary')].map(each => each.innerText.split(/\\s/)[0]))]")
const query = () => page.evaluate<Record<string, string>>('Object.fromEntries(new URLSearchParams(location.search))')
const choose = (label: string, value: string) => page.until(`the choice “${label}”`, `(() => {
  const it = [...document.querySelectorAll('select')].find(each => each.labels[0]?.innerText === ${JSON.stringify(label)})
  Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(it, ${JSON.stringify(value)})
  it.dispatchEvent(new Event('change', { bubbles: true }))
  return true
})()`)

async function signIn ({ email, password }: Person): Promise<void> {
  await page.open(`${aurora.url}/login?next=%2Faudit`)
  await page.fill('E-mail', email)
  await page.fill('Password', password)
  await page.key('Enter')
}

t.test('an owner finds the log in the menu, the newest first, with the exact time on hover', async t => {
  await signIn(owner)
  await page.sees('auth.login.failed')
  t.equal(await page.evaluate('location.pathname'), '/audit')
  t.ok(await page.evaluate("[...document.querySelectorAll('nav a')].find(each => each.innerText.trim() === 'Audit log')?.getAttribute('aria-current') === 'page'"))
  t.equal(await rows(), 50)
  t.match(await page.evaluate("document.querySelector('main summary time').title"), /\d{4} at \d\d:\d\d:\d\d/)
})

t.test('older events come when they are asked for', async t => {
  await page.press('Show older events')
  await page.until('all of them', "document.querySelectorAll('main li').length > 73")
  t.equal(await page.evaluate("[...document.querySelectorAll('main button')].some(each => each.innerText === 'Show older events')"), false)
})

t.test('what somebody wrote into a target or a detail stays text', async t => {
  await page.until('a row to open', "(document.querySelectorAll('main details')[1].open = true)")
  await page.sees('<img src=x onerror=alert(1)>')
  t.equal(await page.evaluate("document.querySelectorAll('main img, main b').length"), 0)
})

t.test('filters narrow the list and stand in the address', async t => {
  await page.fill('Action begins with', 'auth.login.F')
  await page.key('Enter')
  await page.until('two rows', "document.querySelectorAll('main li').length === 2")
  t.same(await actions(), ['auth.login.failed'])
  t.same(await query(), { action: 'auth.login.f*' })
  await page.press('Clear filters')
  await choose('Outcome', 'refused')
  await page.until('three rows', "document.querySelectorAll('main li').length === 3")
  await choose('Service', 'secrets')
  await page.until('one row', "document.querySelectorAll('main li').length === 1")
  t.same(await query(), { outcome: 'refused', service: 'secrets' })
  await page.send('Page.reload')
  await page.until('the same row', "document.querySelectorAll('main li').length === 1")
  await page.until('the row to open', "(document.querySelector('main details').open = true)")
  await page.press('Only this: person')
  await page.sees('Person: Test Person')
  t.match(await query(), { person: owner.person })
  await page.press('Remove the filter: Person')
  await page.fill('Action begins with', 'none.such')
  await page.key('Enter')
  await page.sees('No event matches')
  await page.fill('Action begins with', 'a b')
  await page.sees('Letters, digits, dots and dashes')
  await page.press('Show all')
  await page.until('the list', "document.querySelectorAll('main li').length === 50")
})

t.test('an export is a download of what is shown', async t => {
  await choose('Outcome', 'refused')
  await page.until('three rows', "document.querySelectorAll('main li').length === 3")
  await page.evaluate('{ window.saved = []; const make = URL.createObjectURL; URL.createObjectURL = file => { window.saved.push(file); return make.call(URL, file) } }')
  const saved = (count: number) => page.until<string>('the file', `window.saved.length === ${count} && window.saved.at(-1).text()`)
  await page.press('Export JSON')
  t.equal((await saved(1)).trim().split('\n').length, 3)
  await aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where id = (select id from auth.sessions where person_id = ${owner.person} and ended_at is null order by id desc limit 1)`
  await page.until('the proof to be old', "fetch('/api/audit/export?format=csv&action=auth.none').then(answer => answer.status === 403)")
  await page.press('Export CSV')
  await page.sees('Prove that it is you')
  await page.fill('Your password', owner.password)
  await page.press('Continue')
  t.equal((await saved(2)).trim().split('\r\n').length, 4, 'with a line of names, after a fresh proof')
  await page.press('Clear filters')
  await page.sees('Show older events')
})

t.test('a chain that holds is said to hold, and one that was changed is not', async t => {
  await eventually(async () => {
    const [verdict] = await aurora.sql()`select unsealed = 0 and signed = sealed as done from audit.verify(${owner.organisation})`
    return verdict?.done === true
  }, 'the chain to be sealed and signed', 20)
  await page.press('Verify')
  await page.sees('The chain holds')
  await page.sees('and signed to the last one')
  await page.sees('npm run audit -- verify')
  await aurora.sql().begin(async sql => {
    await sql`set local session_replication_role = replica`
    await sql`update audit.events set target = 'changed' where id = (select event_id from audit.chain where chain = ${owner.organisation} and position = 5)`
  })
  await page.press('Verify')
  await page.sees('The chain does not hold')
  await page.sees('At row 5: the row is not the one that was sealed.')
  t.equal(await page.evaluate("document.querySelectorAll('main [role=alert]').length"), 1)
})

t.test('on a phone nothing is wider than the screen', async t => {
  await page.view({ width: 360, height: 780, dark: false, phone: true })
  await page.until('a row to open', "(document.querySelector('main details').open = true)")
  t.ok(await page.evaluate<number>('document.documentElement.scrollWidth') <= 360)
  await page.view({ width: 1280, height: 900, dark: true })
})

t.test('a responder has no such place, and is told whose it is', async t => {
  const responder = await aurora.signUp({ in: owner, role: 'responder' })
  await page.press('Sign out')
  await page.sees('Sign in')
  await signIn(responder)
  await page.sees('For admins and owners')
  t.equal(await page.evaluate("[...document.querySelectorAll('nav a')].some(each => each.innerText.trim() === 'Audit log')"), false)
  t.equal(await page.evaluate("document.querySelectorAll('main button, main a').length"), 0)
})

t.test('no policy was violated, and no exception thrown', async t => {
  t.same(page.violations, [])
})
