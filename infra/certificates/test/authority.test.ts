import 'reflect-metadata'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension } from '@peculiar/x509'
import t from 'tap'
import { newAuthority, pem, readAuthority, writeAuthority, type Authority } from '../authority.ts'
import { issuePeer, issuePublic, type Leaf } from '../issue.ts'

/** What a client says of a server with this leaf, by a real handshake. */
async function meet (leaf: Leaf, ca: Authority, servername: string): Promise<string> {
  const server = tls.createServer(leaf, socket => socket.end())
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = tls.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca: pem(ca.certificate), servername })
  const said = await new Promise<string>(resolve => {
    socket.once('secureConnect', () => resolve('good'))
    socket.once('error', error => resolve(`${(error as NodeJS.ErrnoException).code}: ${error.message}`))
  })
  socket.destroy()
  server.close()
  return said
}

t.test('the authority that people trust cannot speak for another site, even with its key', async t => {
  const ca = await newAuthority({ name: 'Test', hosts: ['localhost', '127.0.0.1', '::1'] })
  t.equal(await meet(await issuePublic({ ca, hosts: ['localhost'] }), ca, 'localhost'), 'good')
  t.match(await meet(await issuePublic({ ca, hosts: ['bank.example'] }), ca, 'bank.example'), /permitted subtree violation/)
  t.match(await meet(await issuePublic({ ca, hosts: ['localhost', '192.0.2.1'] }), ca, 'localhost'), /permitted subtree violation/)
})

t.test('a leaf signs nothing', async t => {
  const ca = await newAuthority({ name: 'Test' })
  const leaf = await readAuthority(await issuePeer({ ca, name: 'auth' }))
  // Either of the two is enough to be refused below; both must be said.
  t.match(leaf.certificate.getExtension(BasicConstraintsExtension), { ca: false, critical: true })
  t.match(leaf.certificate.getExtension(KeyUsagesExtension), { usages: KeyUsageFlags.digitalSignature, critical: true })
  t.not(await meet(await issuePeer({ ca: leaf, name: 'secrets' }), ca, 'secrets'), 'good')
})

t.test('an expired, a future and a foreign leaf are refused', async t => {
  const ca = await newAuthority({ name: 'Test' })
  const other = await newAuthority({ name: 'Test' })
  t.equal(await meet(await issuePeer({ ca, name: 'auth' }), ca, 'auth'), 'good')
  t.match(await meet(await issuePeer({ ca, name: 'auth', notBefore: new Date('2020-01-01'), days: 1 }), ca, 'auth'), /CERT_HAS_EXPIRED/)
  t.match(await meet(await issuePeer({ ca, name: 'auth', notBefore: new Date(Date.now() + 3_600_000) }), ca, 'auth'), /CERT_NOT_YET_VALID/)
  t.not(await meet(await issuePeer({ ca: other, name: 'auth' }), ca, 'auth'), 'good', 'of an authority with the same name')
})

t.test('a leaf does not outlive its authority', async t => {
  const ca = await newAuthority({ name: 'Test', days: 3 })
  const { certificate } = await readAuthority(await issuePeer({ ca, name: 'auth', days: 30 }))
  t.equal(certificate.notAfter.getTime(), ca.certificate.notAfter.getTime())
})

t.test('an authority is read back as it was written, and not with another key', async t => {
  const files = await writeAuthority(await newAuthority({ name: 'Test' }))
  const other = await writeAuthority(await newAuthority({ name: 'Test' }))
  t.equal((await writeAuthority(await readAuthority(files))).cert, files.cert)
  await t.rejects(readAuthority({ cert: files.cert, key: other.key }), /does not belong/)
})
