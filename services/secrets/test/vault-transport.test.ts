import t from 'tap'
import { eventually } from '#shared/testing/system'
import { answer, doubleOf, lease, logIn, secret } from './vault-double.ts'

const unavailable = /Vault: unavailable/
const invalid = /Vault: invalid/

t.test('another peer in Vault\'s place is not talked to, though our authority signed it', async t => {
  // By its DNS name alone the second would pass.
  for (const certificate of [{ as: 'chat' }, { as: 'vault', uri: 'spiffe://aurora/chat' }] as const) {
    const { vault, double } = await doubleOf((_request, response) => answer(response, 200, lease('token')), certificate)
    await t.rejects(vault.check(), unavailable)
    t.same(double.seen, [], 'not even the login was sent')
  }
})

t.test('a redirect is not followed: it would carry the token to whom it names', async t => {
  const { vault, double } = await doubleOf((request, response) => {
    if (request.url === logIn) return answer(response, 200, lease('token'))
    response.writeHead(307, { location: `${double.address}/v1/elsewhere` }).end()
  })
  await t.rejects(vault.kv.read('default/x'), invalid)
  t.equal(double.count('/v1/elsewhere'), 0)
})

t.test('an answer without end is cut off', async t => {
  const { vault } = await doubleOf((request, response) => {
    if (request.url === logIn) return answer(response, 200, lease('token'))
    response.writeHead(200, { 'content-type': 'application/json' })
    const chunk = Buffer.alloc(256 * 1024, 0x20)
    const pour = () => { while (!response.destroyed && response.write(chunk)); }
    response.on('drain', pour)
    pour()
  }, { timeout: 4_000 })
  await t.rejects(vault.kv.read('default/x'), unavailable)
})

t.test('a Vault that hangs costs one time-out', async t => {
  const { vault } = await doubleOf((request, response) => {
    if (request.url === logIn) return answer(response, 200, lease('token'))
  })
  const began = Date.now()
  await t.rejects(vault.kv.read('default/x'), unavailable)
  t.ok(Date.now() - began < 2_000)
})

t.test('answers of another form are failures, not values', async t => {
  const bodies: unknown[] = [{}, [], { data: null }, { data: { data: { a: 5 }, metadata: { version: 1 } } }, { data: { data: { a: 'b' }, metadata: {} } }, 'text']
  for (const body of bodies) {
    const { vault } = await doubleOf((request, response) => answer(response, 200, request.url === logIn ? lease('token') : body))
    await t.rejects(vault.kv.read('default/x'), invalid, JSON.stringify(body))
  }
})

t.test('a sealed, a standby and a starting Vault are unavailable, and come back without a restart of ours', async t => {
  let status = 503
  const { vault } = await doubleOf((_request, response) => answer(response, status, { errors: ['sealed'] }))
  for (status of [503, 429, 472, 473, 500, 501, 502]) await t.rejects(vault.check(), unavailable, String(status))

  let isSealed = true
  const other = await doubleOf((request, response) => isSealed ? answer(response, 503, { errors: ['Vault is sealed'] }) : answer(response, 200, request.url === logIn ? lease('token') : secret))
  await t.rejects(other.vault.kv.read('default/x'), unavailable)
  isSealed = false
  t.same(await other.vault.kv.read('default/x'), { version: 1, values: { a: 'b' } })
})

t.test('a renewed certificate is used for new connections', async t => {
  const names: string[] = []
  const { vault, inside } = await doubleOf((request, response) => {
    const socket = request.socket as import('node:tls').TLSSocket
    names.push(socket.getPeerCertificate().fingerprint256)
    answer(response, 200, request.url === logIn ? lease('token') : secret)
  })
  await vault.kv.read('default/x')
  vault.useIdentity(await inside.identity({ name: 'secrets' }))
  await eventually(async () => {
    await vault.kv.read('default/x')
    return new Set(names).size === 2
  }, 'the new certificate')
  t.equal(new Set(names).size, 2)
})
