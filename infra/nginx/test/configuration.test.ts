import t from 'tap'
import { readdir, readFile } from 'node:fs/promises'
import { strictTransport } from '../directives.ts'

/** The location tomorrow's feature adds is held to the same: read from the files, not from a list. */
const folder = new URL('../conf/', import.meta.url)
const files = await Promise.all((await readdir(folder)).map(async name => ({ name, text: await readFile(new URL(name, folder), 'utf8') })))
const locations = files.flatMap(({ name, text }) => [...text.matchAll(/^location ([^{]+) \{\n([^]*?)^\}/gm)].map(([, path = '', body = '']) => ({ name, path, body })))
const proxied = locations.filter(({ body }) => /^\s+proxy_pass /m.test(body))

t.ok(proxied.length >= 10, 'locations are found')

for (const { name, path, body } of proxied) {
  t.test(`${name} ${path}: overwrites Authorization, passes only listed headers, names the peer and hides what it must`, async t => {
    const person = body.includes('include person.conf;')
    t.ok(person || /proxy_set_header Authorization "";/.test(body), 'Authorization is the minted token or nothing')
    t.ok(person || body.includes('include proxy.conf;'), 'the closed list of headers')
    t.equal(person, /auth_request \/\.edge\/authorize\/(incidents|chat|secrets);/.test(body), 'a token comes from auth, and auth is asked only where its token is used')
    const peer = body.match(/proxy_pass https:\/\/(\w+);/)?.[1]
    t.equal(body.match(/proxy_ssl_name (\w+);/)?.[1], peer)
    if (person) t.equal(body.match(/auth_request \/\.edge\/authorize\/(\w+);/)?.[1], peer, 'the audience is the peer')
    t.equal(/proxy_set_header Cookie/.test(body), peer === 'auth', 'the cookie goes to auth alone')
    t.ok(person || peer === 'auth' || body.includes('proxy_hide_header Set-Cookie;'), 'cookies come from auth alone')
  })
}

t.test('a location that adds a header adds all of them', async t => {
  for (const { name, path, body } of locations.filter(({ body }) => body.includes('add_header'))) t.match(body, /include headers\.conf;/, `${name} ${path}`)
})

t.test('an address or localhost is never held to https, a name is', async t => {
  for (const host of ['localhost:8443', '127.0.0.1', '[::1]:8443']) t.equal(strictTransport(host), '', host)
  t.equal(strictTransport('aurora.example:8443'), 'max-age=63072000')
})

t.test('nothing is needed that the stock nginx image lacks', async t => {
  for (const { name, text } of files) t.notMatch(text, /^\s*(js_|more_|echo|auth_jwt|set_by_lua|load_module)/m, name)
})
