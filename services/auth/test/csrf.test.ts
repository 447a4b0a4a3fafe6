import t from 'tap'
import { system } from '#shared/testing/system'
import { authorize } from './asking.ts'

const aurora = await system()
const evil = 'https://evil.example'
const refused = { status: 403, headers: { 'x-aurora-status': '403', 'x-aurora-token': undefined } }

t.test('the edge is told of every forgery: unsafe methods and upgrades from another site', async t => {
  const person = await aurora.signUp()
  const cookie = person.cookie()
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const ask = (headers: Record<string, string>) => authorize(cookie, { 'x-original-method': method, ...headers })
    t.match(await ask({ origin: evil }), refused, `${method} from another origin`)
    t.match(await ask({ origin: 'null' }), refused, `${method} from a sandboxed frame`)
    t.match(await ask({ 'sec-fetch-site': 'cross-site' }), refused, `${method} cross-site`)
    t.match(await ask({ 'sec-fetch-site': 'same-site' }), refused, `${method} from a sibling host`)
    t.match(await ask({}), refused, `${method} with a cookie and no word of where from`)
    t.match(await ask({ origin: aurora.url }), { status: 200 }, `${method} from the console`)
    t.match(await ask({ 'sec-fetch-site': 'same-origin' }), { status: 200 }, `${method} same-origin`)
  }
  t.match(await authorize(cookie, { origin: evil }), { status: 200 }, 'a safe method changes nothing')
  t.match(await authorize(cookie, { 'x-original-method': '' }), refused, 'an edge that does not say the method is not believed')
})

t.test('a socket of another site is refused at the public address', async t => {
  const person = await aurora.signUp()
  await t.rejects(person.socket('/api/chat/ws', { origin: evil }), { message: /403/ })
  await t.rejects(person.socket('/api/chat/ws', { origin: '' }), { message: /403/ })
  ;(await person.socket('/api/chat/ws')).close()
})

t.test('auth\'s own routes ask the same, login and logout included', async t => {
  const person = await aurora.signUp()
  const login = { email: person.email, password: person.password }
  const visitor = aurora.visitor()
  for (const [path, body] of [['/api/auth/login', login], ['/api/auth/register', { email: 'x@example.test' }], ['/api/auth/setup', {}], ['/api/auth/register/complete', {}]] as const) {
    for (const headers of [{ origin: evil }, { origin: '', 'sec-fetch-site': 'cross-site' }, { origin: '', 'sec-fetch-site': 'same-site' }] as Array<Record<string, string>>) {
      t.match(await visitor.request('POST', path, body, headers), { status: 403, headers: { 'set-cookie': undefined } }, `${path} ${JSON.stringify(headers)}`)
    }
  }
  t.match(await person.request('POST', '/api/auth/logout', undefined, { origin: evil }), { status: 403 })
  t.match(await person.request('POST', '/api/auth/logout', undefined, { origin: '' }), { status: 403 }, 'a cookie without a word of where from')
  t.match(await person.request('GET', '/api/auth/session'), { status: 200 }, 'nothing was changed')
  t.match(await visitor.request('POST', '/api/auth/login', login, { origin: '' }), { status: 200 }, 'a script without a cookie may sign in')
})
