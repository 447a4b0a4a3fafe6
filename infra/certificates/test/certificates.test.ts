import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { peerOfSubjectAltName, peers } from '#shared/peers'
import { readIdentity } from '#shared/tls'
import { ensureCertificates } from '../certificates.ts'

const hosts = ['localhost', '127.0.0.1', '::1']
const days = (count: number) => new Date(Date.now() + count * 24 * 60 * 60 * 1000)

async function folder (t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'aurora-certificates-'))
  t.teardown(() => rm(path, { recursive: true }))
  return path
}

const certificateOf = async (directory: string, name: string) => new X509Certificate(await readFile(join(directory, name, 'cert.pem')))

t.test('each peer gets a leaf that is it and nobody else, for both ends of a connection', async t => {
  const directory = await folder(t)
  await ensureCertificates(directory, { hosts })
  for (const name of peers) {
    const leaf = await certificateOf(directory, name)
    t.equal(peerOfSubjectAltName(leaf.subjectAltName), name)
    t.match(leaf, { ca: false, subjectAltName: `URI:spiffe://aurora/${name}, DNS:${name}, DNS:localhost, IP Address:127.0.0.1` })
    t.strictSame([...leaf.keyUsage ?? []].sort(), ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
    t.ok(leaf.verify(new X509Certificate(await readFile(join(directory, name, 'ca.pem'))).publicKey))
    t.doesNotThrow(() => readIdentity(join(directory, name)), 'as the services read it')
  }
})

t.test('the authority of peers and the one that people trust are two', async t => {
  const directory = await folder(t)
  await ensureCertificates(directory, { hosts })
  const [inside, outside] = await Promise.all(['auth', 'public'].map(name => readFile(join(directory, name, 'ca.pem'), 'utf8')))
  t.not(inside, outside)
  const leaf = await certificateOf(directory, 'public')
  for (const host of hosts) t.ok(leaf.checkHost(host) ?? leaf.checkIP(host), host)
  t.equal(peerOfSubjectAltName(leaf.subjectAltName), null, 'what browsers see is no peer')
  t.strictSame(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'and cannot call anyone')
})

t.test('only the owner reads any of it, and no peer gets a key of an authority', async t => {
  const directory = await folder(t)
  await ensureCertificates(directory, { hosts })
  for (const name of await readdir(directory)) {
    t.equal((await stat(join(directory, name))).mode & 0o777, 0o700, name)
    for (const file of await readdir(join(directory, name))) t.equal((await stat(join(directory, name, file))).mode & 0o777, 0o600, `${name}/${file}`)
  }
  const key = await readFile(join(directory, 'ca', 'key.pem'), 'utf8')
  for (const name of peers) t.not(await readFile(join(directory, name, 'key.pem'), 'utf8'), key)
})

t.test('a second run changes nothing', async t => {
  const directory = await folder(t)
  t.equal((await ensureCertificates(directory, { hosts })).length, peers.length + 3)
  t.strictSame(await ensureCertificates(directory, { hosts }), [])
})

t.test('a leaf is renewed when less than a third of its life is left, under the same authority, with a new key', async t => {
  const directory = await folder(t)
  await ensureCertificates(directory, { hosts })
  t.strictSame(await ensureCertificates(directory, { hosts, now: days(19) }), [], 'eleven of thirty days are left')
  const [ca, key] = await Promise.all(['ca.pem', 'key.pem'].map(file => readFile(join(directory, 'auth', file), 'utf8')))
  const renewed = await ensureCertificates(directory, { hosts, now: days(21) })
  t.strictSame(renewed, [...peers], 'nine are left; the public one lives longer')
  t.equal(await readFile(join(directory, 'auth', 'ca.pem'), 'utf8'), ca)
  t.not(await readFile(join(directory, 'auth', 'key.pem'), 'utf8'), key)
  t.doesNotThrow(() => readIdentity(join(directory, 'auth')))
})

const damages: Array<[string, (auth: string) => Promise<void>]> = [
  ['a lost key', auth => unlink(join(auth, 'key.pem'))],
  ['a certificate cut off', async auth => writeFile(join(auth, 'cert.pem'), (await readFile(join(auth, 'cert.pem'), 'utf8')).slice(0, 200))],
  ['the key of another', async auth => writeFile(join(auth, 'key.pem'), await readFile(join(auth, '../chat/key.pem')))],
  ['a lost authority file', auth => unlink(join(auth, 'ca.pem'))]
]
for (const [what, damage] of damages) {
  t.test(`${what} is mended by the next run, and nothing else is touched`, async t => {
    const directory = await folder(t)
    await ensureCertificates(directory, { hosts })
    await damage(join(directory, 'auth'))
    const written = await ensureCertificates(directory, { hosts })
    t.ok(written.every(name => name === 'auth'), written.join())
    t.doesNotThrow(() => readIdentity(join(directory, 'auth')))
  })
}

t.test('a lost key of an authority is an error that says what to do, not a silent new authority', async t => {
  const directory = await folder(t)
  await ensureCertificates(directory, { hosts })
  await unlink(join(directory, 'ca', 'key.pem'))
  await t.rejects(ensureCertificates(directory, { hosts }), /The key of the certificate authority is missing in .*: put it back, or remove the folder/)
})

t.test('another host makes a new authority for the browser, since the old one may not name it, and leaves the peers alone', async t => {
  const directory = await folder(t)
  await ensureCertificates(directory, { hosts })
  t.strictSame(await ensureCertificates(directory, { hosts: [...hosts, 'aurora.example.org'] }), ['Aurora at this address', 'public'])
  t.ok((await certificateOf(directory, 'public')).checkHost('aurora.example.org'))
  t.strictSame(await ensureCertificates(directory, { hosts }), [], 'one host less needs nothing new')
})
