import t from 'tap'
import { randomBytes } from 'node:crypto'
import { system } from '#shared/testing/system'
import { openBrowser } from './browser.ts'
import type { Page } from './page.ts'

/** The organisation in the console: people, roles, invitations taken up in three ways, the switch, the end and the way back. One story, told in order. */
const aurora = await system()
const browser = await openBrowser()
t.teardown(() => browser.close())
const page = await browser.page()
await page.view({ width: 1280, height: 900, dark: false })
const owner = await aurora.signUp({ organisation: 'Story' })
const other = await aurora.signUp({ organisation: 'Elsewhere' })
const stranger = `story-${randomBytes(6).toString('hex')}@example.test`

async function signIn (page: Page, { email, password }: { email: string, password: string }, next = '/') {
  await page.send('Network.clearBrowserCookies')
  await page.open(`${aurora.url}/login?next=${encodeURIComponent(next)}`)
  await page.fill('E-mail', email)
  await page.fill('Password', password)
  await page.press('Sign in')
  await page.until('the session', "!location.pathname.startsWith('/login')")
}

const linkTo = async (email: string, atLeast: number) => (await aurora.mailsTo(email, atLeast)).at(-1)?.link ?? ''
/** As from a mail: with nothing of the page before. */
const follow = async (link: string) => {
  await page.send('Page.navigate', { url: 'about:blank' })
  await page.open(link)
}

t.test('an owner renames the organisation, and the shell says so', async () => {
  await signIn(page, owner, '/organisation')
  await page.fill('Name', 'Story Ltd')
  await page.press('Save')
  await page.press('Story Ltd, switch organisation')
  await page.sees('You are here')
  await page.key('Escape')
})

t.test('an invitation asks for a proof when the last one is old, and is listed then', async () => {
  await aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${owner.person}`
  await page.press('Invite somebody')
  await page.fill('Their e-mail', other.email)
  await page.press('Send the invitation')
  await page.sees('Prove that it is you')
  await page.fill('Your password', owner.password)
  await page.press('Continue')
  await page.until('the dialogs to go', "document.querySelector('dialog') === null")
  await page.sees(other.email)
  await page.press('Invite somebody')
  await page.fill('Their e-mail', stranger)
  await page.press('Send the invitation')
  await page.sees(stranger)
})

t.test('somebody with an account opens the link signed out, signs in, accepts, and is there', async t => {
  await page.send('Network.clearBrowserCookies')
  await follow(await linkTo(other.email, 2))
  t.equal(await page.evaluate('location.href'), `${aurora.url}/invitation`, 'the token leaves the address bar')
  await page.sees('Join Story Ltd')
  await page.press('Sign in to accept')
  await page.fill('E-mail', other.email)
  await page.fill('Password', other.password)
  await page.press('Sign in')
  await page.press('Accept and go there')
  await page.sees('Story Ltd')
  await page.sees('· responder')
})

t.test('they switch to their own organisation; another tab of theirs follows', async () => {
  const tab = await browser.page()
  await tab.open(`${aurora.url}/connections`)
  await tab.sees('never comes back to a browser')
  await page.press('Story Ltd, switch organisation')
  await page.press('Switch to Elsewhere')
  await page.sees('Elsewhere')
  await page.sees('· owner')
  await tab.sees('Elsewhere')
  await tab.until('the other tab to be at the beginning', "location.pathname === '/'")
})

t.test('a link is for one person: somebody else is told so', async () => {
  await follow(await linkTo(stranger, 1))
  await page.sees(`You are signed in as ${other.email}`)
})

t.test('somebody new joins by the link, with no organisation of their own', async () => {
  await page.send('Network.clearBrowserCookies')
  await follow(await linkTo(stranger, 1))
  await page.fill('Your name', 'New Colleague')
  await page.fill('Password', 'a sentence for the invitation test')
  await page.press('Create the account and join')
  await page.sees('Story Ltd')
  await page.press('Story Ltd, switch organisation')
  await page.sees('You are here')
  await page.key('Escape')
  await follow(await linkTo(stranger, 1))
  await page.sees('This invitation is not valid any more')
})

t.test('who may not change people sees them without buttons', async t => {
  await page.open(`${aurora.url}/organisation`)
  await page.sees('New Colleague (you)')
  const buttons = await page.evaluate<string[]>("[...document.querySelectorAll('main button')].map(each => each.innerText)")
  t.same(buttons, ['Leave Story Ltd'])
})

t.test('an owner gives a role and removes a member', async () => {
  await signIn(page, owner, '/organisation')
  await page.press('Change the role of New Colleague')
  await page.until('a choice', "(() => { const it = document.querySelector('dialog select'); Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(it, 'admin'); it.dispatchEvent(new Event('change', { bubbles: true })); return true })()")
  await page.press('Change the role')
  await page.until('the new role', "document.querySelector('dialog') === null && [...document.querySelectorAll('main li')].some(each => each.innerText.includes('New Colleague') && each.innerText.includes('admin'))")
  await page.press('Remove New Colleague')
  await page.press('Remove')
  await page.until('them to be gone', "document.querySelector('dialog') === null && ![...document.querySelectorAll('main li')].some(each => each.innerText.includes('New Colleague'))")
})

t.test('the last owner is told why they stay', async () => {
  await page.press('Leave Story Ltd')
  await page.press('Leave')
  await page.sees('An organisation keeps an owner')
  await page.press('Keep it')
})

t.test('deleting asks for the name, ends everything, and can be undone from another organisation', async t => {
  await page.press('Delete Story Ltd')
  await page.fill('Type its name', 'Story')
  t.equal(await page.evaluate("[...document.querySelectorAll('dialog button')].find(each => each.innerText === 'Delete').disabled"), true)
  await page.fill('Type its name', 'Story Ltd')
  await page.press('Delete')
  await page.sees('Sign in')
  await signIn(page, owner, '/organisation')
  await page.sees('Deleted organisations of yours')
  await page.press('Undo the deletion of Story Ltd')
  await page.until('the list to go', "!document.body.innerText.includes('Deleted organisations of yours')")
  await page.press('Test Person, switch organisation')
  // Nobody goes there now: for a minute after the deletion the services refuse its tokens, and the console would sign out.
  await page.until('it to be offered', "[...document.querySelectorAll('button')].some(each => each.getAttribute('aria-label') === 'Switch to Story Ltd' || each.innerText.includes('Story Ltd'))")
})

t.test('a person creates one more organisation and is in it', async () => {
  await page.fill('Create another', 'Second Story')
  await page.press('Create and go there')
  await page.sees('Second Story')
  await page.sees('No incidents yet')
})

t.test('no policy was violated', async t => {
  t.same(page.violations, [])
})
