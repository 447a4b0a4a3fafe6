import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from '#shared/testing/system'
import { openFolder } from '../folder.ts'
import { identityOf, isAlive, type ProcessIdentity } from '../identity.ts'
import { folderOf } from './start-process.ts'

async function someProcess (t: Test): Promise<{ pid: number, identity: ProcessIdentity }> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  await once(child, 'spawn')
  t.teardown(() => { child.kill('SIGKILL') })
  const pid = child.pid as number
  return { pid, identity: identityOf(pid) as ProcessIdentity }
}

const quiet = () => {}

t.test('the folder and what lies in it are for its owner alone', async t => {
  const folder = await openFolder(join(await folderOf(t), 'data'), quiet)
  t.equal((await stat(folder.directory)).mode & 0o777, 0o700)
  t.equal((await stat(folder.path('keys'))).mode & 0o777, 0o700)
})

t.test('a pid file whose process is gone does not stand in the way', async t => {
  const directory = await folderOf(t)
  await writeFile(join(directory, 'aurora.pid'), JSON.stringify({ pid: 4194300, started: 'long ago' }))
  await (await openFolder(directory, quiet)).release()
})

t.test('a pid file cut off while it was written does not stand in the way', async t => {
  const directory = await folderOf(t)
  await writeFile(join(directory, 'aurora.pid'), '{"pid":12')
  await (await openFolder(directory, quiet)).release()
})

t.test('a pid that now belongs to somebody else is no lock', async t => {
  const directory = await folderOf(t)
  const { pid, identity } = await someProcess(t)
  await writeFile(join(directory, 'aurora.pid'), JSON.stringify({ pid, started: 'before the last reboot' }))
  await (await openFolder(directory, quiet)).release()
  t.ok(isAlive(identity), 'and the process lives on')
})

t.test('a living holder is a lock', async t => {
  const directory = await folderOf(t)
  const { identity } = await someProcess(t)
  await writeFile(join(directory, 'aurora.pid'), JSON.stringify(identity))
  await t.rejects(openFolder(directory, quiet), { name: 'StartFailure', message: /Another Aurora is running/ })
})

t.test('what an earlier start left running is ended; a process that only has its number is not', async t => {
  const directory = await folderOf(t)
  await mkdir(directory, { recursive: true })
  const left = await someProcess(t)
  const stranger = await someProcess(t)
  await writeFile(join(directory, 'state.json'), JSON.stringify({ processes: { chat: left.identity, auth: { pid: stranger.pid, started: 'another time' } } }))
  const said: string[] = []
  const folder = await openFolder(directory, line => said.push(line))
  await eventually(() => !isAlive(left.identity), 'the end of what was left')
  t.ok(isAlive(stranger.identity))
  t.match(said, [/^ending chat, left over from an earlier start/])
  await folder.release()
})

t.test('a state file of garbage is passed over', async t => {
  for (const text of ['', 'null', '[]', '{"processes":7}', '{"processes":{"auth":{"pid":1,"started":"x"}}}', '{"processes":{"auth":{"pid":-1,"started":"x"}}}']) {
    const directory = await folderOf(t)
    await writeFile(join(directory, 'state.json'), text)
    await (await openFolder(directory, quiet)).release()
  }
})
