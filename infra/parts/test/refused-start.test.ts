import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { system } from '#shared/testing/system'
import { freePorts } from '../ports.ts'
import { folderOf, processesOf, start } from './start-process.ts'

t.test('a port in use is named, with what to do, and nothing was started', async t => {
  const [port] = await freePorts(1)
  const holder = createServer().listen(port, '127.0.0.1')
  t.teardown(() => holder.close())
  const directory = join(await folderOf(t), 'data')
  const run = await start(t, directory, { PORT: String(port) })
  t.equal(await run.ended, 1)
  t.match(run.output(), `Port ${port} is in use: end the program that listens there, or choose another with PORT=`)
  t.rejects(readdir(directory), 'not even a folder')
})

t.test('a port that is no port is refused', async t => {
  const run = await start(t, await folderOf(t), { PORT: '70000' })
  t.equal(await run.ended, 1)
  t.match(run.output(), 'PORT is "70000": give a number from 1 to 65535.')
})

t.test('an address to listen on that is none, or another machine\'s, is refused', async t => {
  for (const [host, sentence] of [
    ['aurora.example', 'LISTEN_HOST is "aurora.example": give an address of this machine, or 0.0.0.0 for all of them.'],
    ['192.0.2.1', '192.0.2.1 is no address of this machine: set LISTEN_HOST to one that is, or to 0.0.0.0 for all of them.']
  ] as const) {
    const directory = join(await folderOf(t), 'data')
    const run = await start(t, directory, { LISTEN_HOST: host })
    t.equal(await run.ended, 1)
    t.match(run.output(), sentence)
    await t.rejects(readdir(directory), 'not even a folder')
  }
})

t.test('without python3 the sentence says what to install', async t => {
  const directory = await folderOf(t)
  const run = await start(t, directory, { PATH: '/nowhere', AURORA_PARTS_CACHE: join(directory, 'cache') })
  t.equal(await run.ended, 1)
  t.match(run.output(), /python3 is not found, .*: install Python 3 with pip, then start again\.\n$/)
  t.same(await processesOf(directory), [])
})

t.test('a python3 without pip is told from one that is absent', async t => {
  const directory = await folderOf(t)
  await mkdir(join(directory, 'bin'))
  await writeFile(join(directory, 'bin', 'python3'), '#!/bin/sh\necho "/usr/bin/python3: No module named pip" >&2\nexit 1\n')
  await chmod(join(directory, 'bin', 'python3'), 0o755)
  const run = await start(t, join(directory, 'data'), { PATH: join(directory, 'bin'), AURORA_PARTS_CACHE: join(directory, 'cache') })
  t.equal(await run.ended, 1)
  t.match(run.output(), /python3 has no pip, .*: install pip .*, then start again\.\n$/)
  t.same(await processesOf(join(directory, 'data')), [])
})

t.test('a folder that cannot be written is named', async t => {
  const directory = await folderOf(t)
  await writeFile(join(directory, 'file'), '')
  for (const place of [join(directory, 'file', 'data'), '/sys/aurora']) {
    const run = await start(t, place)
    t.equal(await run.ended, 1)
    t.match(run.output(), `The folder ${place} cannot be written (`)
  }
})

t.test('a path too long for unix sockets is refused before anything is made', async t => {
  const directory = join(await folderOf(t), 'x'.repeat(80))
  const run = await start(t, directory)
  t.equal(await run.ended, 1)
  t.match(run.output(), 'is too long for unix sockets')
  t.rejects(readdir(directory))
})

t.test('a second Aurora in the folder of a running one is refused, and the running one does not notice', async t => {
  const { directory, visitor } = await system()
  const run = await start(t, directory)
  t.equal(await run.ended, 1)
  t.match(run.output(), /Another Aurora is running in .* \(process \d+\): use that one, end it first, or set/)
  t.equal((await visitor().request('GET', '/api/auth/setup')).status, 200)
})

t.test('the same folder under another name is still the same folder', async t => {
  const { directory } = await system()
  const alias = join(await folderOf(t), 'alias')
  await symlink(directory, alias)
  const run = await start(t, alias)
  t.equal(await run.ended, 1)
  t.match(run.output(), 'Another Aurora is running in')
})
