import t from 'tap'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { openBrowser } from '#shared/testing/browser'
import { startAurora } from '../../../infra/parts/aurora.ts'

t.test('the first owner is set up once, by whoever holds the token', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'aurora-'))
  const aurora = await startAurora({ directory, port: 0, durable: false })
  t.teardown(async () => {
    await aurora.close()
    await rm(directory, { recursive: true, force: true })
  })
  const visitor = () => openBrowser(aurora.url, aurora.ports['edge'] as number, aurora.ca)
  const token = (await readFile(aurora.setupTokenFile, 'utf8')).trim()
  const body = { token, email: ' Owner@Example.test ', name: 'Owner', password: 'correct horse', organisation: 'First' }

  t.match(await visitor().request('GET', '/api/auth/setup'), { status: 200, body: { needed: true } })
  t.equal((await visitor().request('POST', '/api/auth/register', { email: 'early@example.test' })).status, 409, 'nobody signs up before')
  for (const wrong of ['x', token.slice(0, -1), `${token}x`, token.toUpperCase(), token.toLowerCase()].filter(text => text !== token)) {
    t.match(await visitor().request('POST', '/api/auth/setup', { ...body, token: wrong }), { status: 401, headers: { 'set-cookie': undefined } })
  }
  for (const changes of [{ password: 'short' }, { email: 'no address' }, { name: '<i></i>' }]) t.equal((await visitor().request('POST', '/api/auth/setup', { ...body, ...changes })).status, 400)
  t.match(await visitor().request('GET', '/api/auth/setup'), { body: { needed: true } }, 'nothing of that closed it')

  const { stdout } = await promisify(execFile)(process.execPath, [resolve(import.meta.dirname, '../../../scripts/admin.ts'), 'setup-link'], { env: { AURORA_DIRECTORY: directory } })
  t.match(stdout, `${aurora.url}/setup#token=`)
  const fresh = /#token=(\S+)/.exec(stdout)?.[1] ?? ''
  t.equal((await readFile(aurora.setupTokenFile, 'utf8')).trim(), fresh, 'what npm start prints from now on')
  await writeFile(aurora.setupTokenFile, token)
  await aurora.restart('auth')
  t.match(await visitor().request('POST', '/api/auth/setup', { ...body }), { status: 401 }, 'the operator made another link: the first opens nothing any more, whatever the file says')
  body.token = fresh

  const attempts = await Promise.all(Array.from({ length: 6 }, async (_, index) => {
    const browser = visitor()
    return { browser, answer: await browser.request('POST', '/api/auth/setup', { ...body, email: `owner${index}@example.test` }) }
  }))
  t.strictSame(attempts.map(({ answer }) => answer.status).sort(), [201, 409, 409, 409, 409, 409], 'of six at once one wins')
  const winner = attempts.find(({ answer }) => answer.status === 201)
  t.match(winner?.answer, { headers: { 'set-cookie': [/^__Host-aurora-device=/, /^__Host-aurora=/] }, body: { role: 'owner', organisation: { name: 'First' } } })
  t.equal((await winner?.browser.request('GET', '/api/auth/session'))?.status, 200)
  t.equal((await winner?.browser.request('GET', '/api/auth/mailbox'))?.status, 200, 'who is the local administrator')

  t.match(await visitor().request('GET', '/api/auth/setup'), { body: { needed: false } })
  t.equal((await visitor().request('POST', '/api/auth/setup', { ...body, email: 'second@example.test' })).status, 409)
  await writeFile(aurora.setupTokenFile, 'another-token-of-the-operator')
  t.equal((await visitor().request('POST', '/api/auth/setup', { ...body, token: 'another-token-of-the-operator', email: 'third@example.test' })).status, 409, 'closed for good')
  t.equal((await visitor().request('POST', '/api/auth/register', { email: 'later@example.test' })).status, 202)

  await aurora.restart('auth')
  t.match(await visitor().request('GET', '/api/auth/setup'), { body: { needed: false } }, 'a restart forgets nothing')
  t.equal((await winner?.browser.request('GET', '/api/auth/session'))?.status, 200)
})
