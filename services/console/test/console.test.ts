import { request } from 'node:https'
import t from 'tap'
import { system, type Person } from '#shared/testing/system'
import { alertOf } from './alert.ts'
import { openBrowser } from './browser.ts'

/**
 * The console as a person meets it: a real Chromium, the real edge with its Content-Security-Policy, real services. One
 * story, told in order.
 */
const aurora = await system()
const browser = await openBrowser()
t.teardown(() => browser.close())
const page = await browser.page()
await page.view({ width: 1280, height: 900, dark: true })

const browserPerson = `browser-${Date.now()}@example.test`

t.test('the setup token leaves the address bar before anything else happens', async t => {
  await page.open(`${aurora.url}/setup#token=not-for-a-screenshot`)
  await page.sees('Already set up')
  t.equal(await page.evaluate('location.href'), `${aurora.url}/setup`)
  t.equal(await page.evaluate('history.length'), 2, 'and is not in the history')
})

t.test('a page that needs a session leads to sign-in and back to itself', async t => {
  await page.open(`${aurora.url}/connections`)
  await page.sees('Sign in')
  t.equal(await page.evaluate('location.pathname + location.search'), '/login?next=%2Fconnections')
})

t.test('a wrong password is refused in words, with the id of the request', async () => {
  await page.fill('E-mail', 'owner@example.test')
  await page.fill('Password', 'not the password')
  await page.press('Sign in')
  await page.sees('The address or the password is wrong.')
  await page.sees('Request')
})

t.test('the right one signs in, by keyboard', async t => {
  await page.fill('Password', 'correct horse battery staple 9')
  await page.key('Enter')
  await page.sees('never comes back to a browser')
  t.equal(await page.evaluate('location.pathname'), '/connections')
})

t.test('a link to another host is not followed after sign-in', async t => {
  await page.open(`${aurora.url}/login?next=${encodeURIComponent('https://elsewhere.example/')}`)
  await page.sees('Incidents')
  t.equal(await page.evaluate('location.href'), `${aurora.url}/`)
})

t.test('a person signs up by the mailed link, which the local administrator finds in the mailbox', async t => {
  const email = browserPerson
  await page.open(`${aurora.url}/register`)
  await page.fill('Work e-mail', email)
  await page.press('Send the link')
  await page.sees(email)
  await page.open(`${aurora.url}/mailbox`)
  await page.sees(email)
  const link = await page.until<string>('the link', `[...document.querySelectorAll('section')].find(each => each.innerText.includes(${JSON.stringify(email)}))?.querySelector('a').href`)
  await page.open(link)
  await page.fill('Your name', 'Browser Person')
  await page.fill('Organisation', 'Browser')
  await page.sees('At least 8 characters')
  await page.fill('Password', 'Password123')
  await page.press('Create and sign in')
  const refusal = await page.until<string>('the refusal at the field', "document.getElementById(document.querySelector('input[name=password][aria-invalid]')?.getAttribute('aria-describedby').split(' ').at(-1))?.innerText")
  t.match(refusal, /leaked/)
  await page.fill('Password', 'a sentence for the browser test')
  await page.press('Create and sign in')
  await page.sees('No incidents yet')
  t.equal(await page.evaluate('location.href'), `${aurora.url}/`)
  t.equal(await page.evaluate("[...document.querySelectorAll('nav a, div a')].some(each => each.innerText.trim() === 'Mailbox')"), false, 'the mailbox is not theirs')
})

let hook = { url: '', secret: '' }

t.test('an integration shows its address and its secret once', async t => {
  await page.press('Create an integration')
  await page.sees('No integration yet')
  await page.press('Create an integration')
  await page.fill('Name', 'Cluster')
  await page.press('Create')
  await page.sees('Secret, shown once')
  const shown = (label: string) => page.evaluate<string>(`document.querySelector('pre[aria-label="${label}"]').innerText`)
  hook = { url: await shown('Hook address'), secret: await shown('Secret, shown once') }
  t.match(hook.url, `${aurora.url}/hooks/`)
  await page.key('Escape')
  await page.sees('Secret, shown once')
  await page.press('I have stored the secret')
  await page.until('the dialog to go', "document.querySelector('dialog') === null")
  t.notOk(await page.evaluate(`document.documentElement.outerHTML.includes(${JSON.stringify(hook.secret)})`), 'and it is gone from the page')
})

t.test('an alert appears in the list by itself', async t => {
  await page.press('Incidents')
  await page.sees('Waiting for the first alert')
  await page.sees('Live')
  t.equal(await deliver(alertOf('Instance 127.0.0.1:9090 down', 'critical')), 202)
  await page.sees('Instance 127.0.0.1:9090 down')
  await page.sees('Critical')
})

t.test('an incident is acknowledged and resolved, and its timeline says by whom', async () => {
  await page.until('the row', "(document.querySelector('main li a')?.click(), location.pathname === '/incidents/1')")
  await page.press('Acknowledge')
  await page.sees('taken by Browser Person')
  await page.press('Resolve')
  await page.sees('Resolved')
  await page.until('the buttons to go', "![...document.querySelectorAll('button')].some(each => /Acknowledge|Resolve/.test(each.innerText))")
})

t.test('what strangers write into an alert stays text', async t => {
  const hostile = '<img src=x onerror="document.title=`owned`"><script>document.title="owned"</script>'
  t.equal(await deliver(alertOf(`Hostile ${hostile}`, 'high', { hostile })), 202)
  await page.press('Incidents')
  await page.sees('Hostile')
  await page.open(`${aurora.url}/incidents/2`)
  await page.sees('Firing')
  t.equal(await page.evaluate("document.querySelectorAll('main img, main script').length"), 0)
  t.not(await page.evaluate('document.title'), 'owned')
})

t.test('chat answers about the incident, and the sixth message waits in the field with a countdown', async t => {
  await page.press('Chat')
  await page.fill('Message', '/incident 1')
  await page.key('Enter')
  await page.sees('Incident 1: Instance 127.0.0.1:9090 down')
  for (let count = 2; count <= 5; count++) {
    await page.fill('Message', '/help')
    await page.key('Enter')
    await page.until(`answer ${count}`, `document.querySelectorAll('[role=log] li').length === ${count * 2} && !document.body.innerText.includes('Stop')`)
  }
  await page.fill('Message', '/timeline 1')
  await page.key('Enter')
  await page.sees('You can send the next one in')
  t.equal(await page.evaluate("document.querySelector('textarea').value"), '/timeline 1', 'nothing typed is lost')
})

t.test('a conversation is there again after a reload', async () => {
  await page.send('Page.reload')
  await page.sees('Incident 1: Instance 127.0.0.1:9090 down')
})

t.test('a credential goes in and does not come back', async t => {
  await page.press('Connections')
  await page.press('Connect Amazon Web Services')
  await page.fill('Access key id', 'AKIAIOSFODNN7EXAMPLE')
  await page.fill('Secret access key', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')
  await page.press('Store')
  await page.sees('Version 1')
  t.notOk(await page.evaluate("document.documentElement.outerHTML.includes('wJalrXUtnFEMI')"))
  await page.press('Delete Amazon Web Services')
  await page.press('Delete')
  await page.until('it to be gone', "!document.body.innerText.includes('Version 1')")
})

t.test('a viewer sees everything and no button that would be refused', async t => {
  const host = aurora.visitor()
  await host.request('POST', '/api/auth/login', { email: browserPerson, password: 'a sentence for the browser test' })
  const viewer = await aurora.signUp({ in: host as Person, role: 'viewer' })
  await page.press('Sign out')
  await page.fill('E-mail', viewer.email)
  await page.fill('Password', viewer.password)
  await page.press('Sign in')
  await page.sees('· viewer')
  const buttons = () => page.evaluate<string[]>("[...document.querySelectorAll('main button')].map(each => each.innerText)")
  await page.open(`${aurora.url}/incidents/2`)
  await page.sees('Firing')
  t.same(await buttons(), [])
  for (const [place, word] of [['connections', 'Not connected'], ['integrations', 'Cluster']] as const) {
    await page.open(`${aurora.url}/${place}`)
    await page.sees(word)
    t.same((await buttons()).filter(name => name !== 'Address and test'), [])
  }
})

t.test('the API reference describes every service', async () => {
  await page.open(`${aurora.url}/api/docs`)
  for (const path of ['/api/auth/login', '/api/incidents/{number}', '/api/connections/{provider}', '/api/chat/sessions', '/hooks/{id}']) await page.sees(path)
})

t.test('nothing of the session is kept where a script could find it later', async t => {
  await page.open(`${aurora.url}/`)
  await page.sees('Incidents')
  t.same(await page.evaluate('({ cookie: document.cookie, local: localStorage.length, session: sessionStorage.length })'), { cookie: '', local: 0, session: 0 })
})

t.test('signing out ends it here and in the other tab', async () => {
  const other = await browser.page()
  await other.open(`${aurora.url}/connections`)
  await other.sees('never comes back to a browser')
  await page.press('Sign out')
  await page.sees('Sign in')
  await other.sees('Sign in')
})

t.test('no policy was violated, no exception thrown, and nothing asked of anyone else', async t => {
  t.same(page.violations, [])
  const { host } = new URL(aurora.url)
  t.same(page.requests.filter(url => new URL(url).host !== host && !url.startsWith('about:')), [])
})

function deliver (body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(hook.url, { method: 'POST', ca: aurora.ca, headers: { 'content-type': 'application/json', authorization: `Bearer ${hook.secret}` } }, response => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
