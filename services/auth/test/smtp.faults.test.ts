import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openBrowser } from '#shared/testing/browser'
import { eventually } from '#shared/testing/eventually'
import { startReplicaOf } from '#shared/testing/replica'
import { startAurora } from '../../../infra/parts/aurora.ts'
import { freePorts } from '../../../infra/parts/ports.ts'
import { prepareVault } from '../../../infra/vault/prepare.ts'
import { mailCertificate, startMailServer } from './mail-server.ts'

/** An Aurora of its own that sends mail by a server of this process, which is down at first: nothing that people ask for fails for it, and nothing is lost or doubled. */
const directory = await mkdtemp(join(tmpdir(), 'aurora-smtp-'))
const { ca, cert, key } = await mailCertificate()
const [port] = await freePorts(1)
const user = { name: 'aurora@example.org', password: `canary-smtp-${crypto.randomUUID()}` }
await writeFile(join(directory, 'smtp-password'), `${user.password}\n`, { mode: 0o600 })
await writeFile(join(directory, 'smtp-ca.pem'), ca)
const environment = {
  SMTP_URL: `smtps://${encodeURIComponent(user.name)}@127.0.0.1:${port}`,
  SMTP_CA_FILE: join(directory, 'smtp-ca.pem'),
  SMTP_PASSWORD_FILE: join(directory, 'smtp-password'),
  MAIL_FROM: 'Aurora <aurora@example.org>'
}
const aurora = await startAurora({ directory: join(directory, 'aurora'), port: 0, durable: false, environment, settings: { all: { LOG_LEVEL: 'debug' } } })
t.teardown(async () => {
  await aurora.close()
  await rm(directory, { recursive: true, force: true })
})
const startServer = (password = user.password) => startMailServer({ port: port as number, secure: true, cert, key, user: { ...user, password } })
const visitor = () => openBrowser(aurora.url, aurora.ports['edge'] as number, aurora.ca)
const logs = async () => (await Promise.all((await readdir(join(aurora.directory, 'logs'))).map(file => readFile(join(aurora.directory, 'logs', file), 'utf8')))).join('\n')
const tokenOf = (raw: string | undefined) => /token=3?D?([\w-]{43})/.exec((raw ?? '').replaceAll('=\r\n', ''))?.[1] ?? ''
const newAddress = () => `new-${crypto.randomUUID()}@example.test`
const register = async (email: string) => (await visitor().request('POST', '/api/auth/register', { email })).status
let server: Awaited<ReturnType<typeof startServer>> | null = null
t.teardown(async () => { await server?.close() })

t.test('while the mail server is down people are answered as ever, also after a restart, and what they are sent comes when it is back, once', async t => {
  const owner = visitor()
  const token = (await readFile(aurora.setupTokenFile, 'utf8')).trim()
  t.equal((await owner.request('POST', '/api/auth/setup', { token, email: 'owner@example.test', password: 'correct horse battery staple 9', name: 'Owner', organisation: 'First' })).status, 201)
  t.equal((await owner.request('GET', '/api/auth/mailbox')).status, 404, 'there is no mailbox here, for whoever set Aurora up neither')
  const [before, after] = [newAddress(), newAddress()]
  t.equal(await register(before), 202)
  await eventually(async () => (await logs()).includes('mail.failed'), 'an attempt that failed', 15)
  await aurora.restart('auth')
  t.equal(await register(after), 202)
  t.equal((await visitor().request('POST', '/api/auth/recovery', { email: 'owner@example.test' })).status, 202)

  const up = await startServer()
  server = up
  for (const email of [before, after, 'owner@example.test']) await eventually(() => Promise.resolve(up.to(email).length > 0), `the mail to ${email}`, 30)
  for (const email of [before, after, 'owner@example.test']) t.equal(up.to(email).length, 1)
  const [{ raw, user: by } = { raw: '', user: '' }] = up.to(before)
  t.equal(by, user.name)
  const completed = await visitor().request('POST', '/api/auth/register/complete', { token: tokenOf(raw), name: 'New', password: 'a password of theirs', organisation: 'New' })
  t.equal(completed.status, 201, 'and its link opens')
  const recovered = await visitor().request('POST', '/api/auth/recovery/complete', { secret: tokenOf(up.to('owner@example.test')[0]?.raw), password: 'another password of theirs' })
  t.equal(recovered.status, 204)
})

t.test('two replicas send each message once', async t => {
  const up = server ?? await startServer()
  const replica = await startReplicaOf(aurora, 'auth', { SMTP_URL: environment.SMTP_URL, SMTP_CA_FILE: environment.SMTP_CA_FILE, MAIL_FROM: environment.MAIL_FROM })
  t.teardown(replica.stop)
  const emails = Array.from({ length: 40 }, newAddress)
  t.strictSame([...new Set(await Promise.all(emails.map(register)))], [202])
  await eventually(() => Promise.resolve(emails.every(email => up.to(email).length > 0)), 'all of them', 20)
  t.strictSame(emails.map(email => up.to(email).length), emails.map(() => 1))
})

t.test('a password that was changed at the mail server and in its file takes no restart', async t => {
  await server?.close()
  const changed = `${user.password}-changed`
  await writeFile(join(directory, 'smtp-password'), changed)
  await prepareVault({
    address: `https://127.0.0.1:${aurora.ports['vault']}`,
    tls: join(aurora.directory, 'certificates', 'setup'),
    keys: join(aurora.directory, 'keys'),
    mount: 'aurora',
    base: 'default',
    given: { smtpPassword: environment.SMTP_PASSWORD_FILE }
  })
  const before = server?.received ?? []
  const up = await startServer(changed)
  server = up
  up.received.push(...before)
  const email = newAddress()
  t.equal(await register(email), 202)
  await eventually(() => Promise.resolve(up.to(email).length > 0), 'the mail', 30)
})

t.test('no password and no link is in a log, in the environment of a process or on disk in the mailbox', async t => {
  const text = await logs()
  t.ok(text.includes('mail.failed'))
  const links = (server?.received ?? []).map(({ raw }) => tokenOf(raw)).filter(token => token !== '')
  t.ok(links.length > 3)
  for (const secret of [user.password, Buffer.from(`\0${user.name}\0${user.password}`).toString('base64'), ...links]) t.notOk(text.includes(secret))
  for (const { to: [address = ''] } of server?.received ?? []) t.notOk(text.includes(address))
  const { processes } = JSON.parse(await readFile(join(aurora.directory, 'state.json'), 'utf8')) as { processes: Record<string, { pid: number }> }
  for (const { pid } of Object.values(processes)) t.notOk((await readFile(`/proc/${pid}/environ`, 'latin1')).includes(user.password))
  t.strictSame((await readdir(join(aurora.directory, 'mailbox')).catch(() => [])), [])
})
