import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { Problem } from '../errors.ts'
import { checkUrl, guardedRequest, isPublic } from '../ssrf.ts'

const statusOf = (work: Promise<unknown>) => work.then(() => 200, (error: unknown) => error instanceof Problem ? error.status : 0)

t.test('only public unicast addresses are public, in whatever form they are written', async t => {
  for (const address of ['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111']) t.ok(isPublic(address), address)
  for (const address of [
    '127.0.0.1', '127.8.8.8', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '192.0.2.1', '198.18.0.1',
    '224.0.0.1', '240.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '::ffff:127.0.0.1', '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', 'localhost', ''
  ]) t.notOk(isPublic(address), address)
})

t.test('an address that may not be asked is refused before anything is sent', async t => {
  for (const address of [
    'not a url', 'http://example.com/', 'ftp://example.com/', 'file:///etc/passwd', 'https://user:pass@example.com/', 'https://127.0.0.1/', 'https://[::1]/',
    'https://169.254.169.254/latest/meta-data/', 'https://2130706433/', 'https://0x7f.1/', 'https://0177.0.0.1/', 'https://[::ffff:127.0.0.1]/'
  ]) t.throws(() => checkUrl(address), Problem, address)
  t.equal(checkUrl('https://api.example.com/v1').hostname, 'api.example.com')
})

t.test('a name that resolves to a private address is refused by the connection itself', async t => {
  t.equal(await statusOf(guardedRequest('https://localhost/')), 400)
})

t.test('the operator\'s list allows a local host and port, and that one only', async t => {
  const server = createServer((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    else if (request.url === '/large') response.end(Buffer.alloc(4096))
    else response.end('hello')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const allowedHosts = [`127.0.0.1:${port}`]
  const base = `http://127.0.0.1:${port}`

  const { status, body } = await guardedRequest(`${base}/`, { allowedHosts })
  t.equal(status, 200)
  t.equal(Buffer.concat(await Array.fromAsync(body)).toString(), 'hello')
  t.equal(await statusOf(guardedRequest(`${base}/`, { allowedHosts: [`127.0.0.1:${port + 1}`] })), 400)
  t.equal(await statusOf(guardedRequest(`${base}/`)), 400)
  t.equal(await statusOf(guardedRequest(`${base}/redirect`, { allowedHosts })), 502)
  const large = await guardedRequest(`${base}/large`, { allowedHosts, maxBytes: 1000 })
  t.equal(await statusOf(Array.fromAsync(large.body)), 502)
})
