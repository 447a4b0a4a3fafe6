import t from 'tap'
import bcrypt from 'bcryptjs'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { system } from '#shared/testing/system'
import { repository } from '../../../infra/parts/repository.ts'

const aurora = await system()
const folder = await mkdtemp(join(tmpdir(), 'aurora-'))
t.teardown(() => rm(folder, { recursive: true }))
const mark = crypto.randomUUID()
const path = join(folder, 'people.jsonl')

function run (args: string[], environment: Record<string, string> = {}): Promise<{ code: number, output: string }> {
  return new Promise(resolve => execFile(process.execPath, [join(repository, 'scripts/import-people.ts'), ...args], { env: { ...process.env, AURORA_DIRECTORY: aurora.directory, ...environment } }, (error, out, err) => {
    resolve({ code: error === null ? 0 : Number(error.code), output: out + err })
  }))
}

const person = { email: `owner-${mark}@example.test`, name: 'Owner', passwordHash: await bcrypt.hash('from the old house', 8), organisation: `Imported ${mark}`, role: 'owner' }
const other = { ...person, email: `viewer-${mark}@example.test`, name: 'Viewer', role: 'viewer' }
const write = (...lines: object[]) => writeFile(path, `${lines.map(line => JSON.stringify(line)).join('\n')}\n`)

t.test('a file with mistakes imports nothing and names every line', async t => {
  await write(person, { ...other, role: 'root' }, { ...other, email: 'x' })
  const { code, output } = await run([path])
  t.equal(code, 1)
  t.match(output, /^line 2: \/role .*\nline 3: \/email .*\nNothing of .*people.jsonl was imported\.\n$/)
  t.notMatch(output, person.passwordHash)
  t.equal((await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: 'from the old house' })).status, 401)
})

t.test('imported people sign in with the password that they had, in their organisation and role; the hash is made anew', async t => {
  await write(person, other)
  t.match(await run([path]), { code: 0, output: '2 people imported, 1 new organisations, 0 people left as they are.\n' })
  const [owner, viewer] = [aurora.visitor(), aurora.visitor()]
  t.equal((await owner.request('POST', '/api/auth/login', { email: person.email, password: 'from the new house' })).status, 401)
  t.match(await owner.request('POST', '/api/auth/login', { email: person.email, password: 'from the old house' }), { status: 200, body: { role: 'owner', person: { name: 'Owner' }, organisation: { name: person.organisation } } })
  t.match(await viewer.request('POST', '/api/auth/login', { email: other.email, password: 'from the old house' }), { status: 200, body: { role: 'viewer', organisation: { name: person.organisation } } })
  const actions = (await owner.request('GET', '/api/audit?limit=200')).body.events.map((event: { action: string }) => event.action)
  for (const action of ['auth.organisation.imported', 'auth.person.imported', 'auth.password.renewed']) t.ok(actions.includes(action), action)
})

t.test('the same file once more changes nothing and says so', async t => {
  const { code, output } = await run([path])
  t.equal(code, 0)
  t.match(output, `line 1: ${person.email} is there already and stays as it is\nline 2: ${other.email} is there already`)
  t.match(output, '0 people imported')
})

t.test('without a file or an Aurora it says what is missing', async t => {
  t.match(await run([]), { code: 1, output: /Name the file/ })
  t.match(await run([path], { AURORA_DIRECTORY: folder }), { code: 1, output: /No Aurora runs in/ })
  t.match(await run([join(folder, 'absent')]), { code: 1, output: /ENOENT/ })
})
