import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { openBrowser } from '#shared/testing/browser'
import { eventually } from '#shared/testing/system'
import type { State } from '../folder.ts'
import { askControl } from '../control.ts'
import { isSetUp } from '../../../scripts/demo/aurora.ts'
import { folderOf, nothingLeft, processesOf, start } from './start-process.ts'

/** One folder through its whole life: a start that is cut off, one that is stopped, one that is killed, and each time the next one. */
t.test('from a first start to the last', async t => {
  const directory = await folderOf(t)
  const stateOf = async () => JSON.parse(await readFile(join(directory, 'state.json'), 'utf8')) as State
  const owner = { email: 'owner@example.test', password: 'correct horse battery staple 9' }

  await t.test('a start killed outright half-way leaves no process', async t => {
    const run = await start(t, directory)
    await run.says(/postgres +ready/)
    run.child.kill('SIGKILL')
    await run.ended
    await nothingLeft(directory)
  })

  await t.test('Ctrl-C during a start ends what was started', async t => {
    const run = await start(t, directory)
    await run.says(/database +ready/)
    run.child.kill('SIGINT')
    t.equal(await run.ended, 130)
    t.match(run.output(), 'Aurora has stopped.')
    t.same(await processesOf(directory), [])
  })

  await t.test('the next start completes what was begun', async t => {
    const run = await start(t, directory, { LISTEN_HOST: '127.0.0.2' })
    await run.says('Ctrl-C here stops Aurora')
    const state = await stateOf()

    await t.test('it listens where it was told to', async t => {
      const socket = connect({ host: '127.0.0.2', port: state.ports['edge'] as number })
      t.teardown(() => socket.destroy())
      await once(socket, 'connect')
      t.notMatch(run.output(), 'Only this machine can reach it')
    })

    await t.test('it prints one address, the setup link and the authority to trust', async t => {
      const token = (await readFile(join(directory, 'keys', 'setup-token'), 'utf8')).trim()
      t.equal(Buffer.from(token, 'base64url').length, 32)
      t.match(run.output(), `Aurora is ready at ${state.url}`)
      t.match(run.output(), `${state.url}/setup#token=${token}`)
      t.match(run.output(), join(directory, 'certificates', 'public', 'ca.pem'))
    })

    await t.test('no process carries a secret in its environment or on its command line', async t => {
      const secrets = await secretsOf(directory)
      t.ok(secrets.length > 8, 'there are secrets to look for')
      for (const [name, { pid }] of Object.entries(state.processes)) {
        const text = await readFile(`/proc/${pid}/environ`, 'latin1') + await readFile(`/proc/${pid}/cmdline`, 'latin1')
        for (const { file, value } of secrets) t.notOk(text.includes(value), `${name} without ${file}`)
      }
    })

    await t.test('keys are files of their owner alone', async t => {
      for (const file of await readdir(join(directory, 'keys'))) t.equal((await stat(join(directory, 'keys', file))).mode & 0o777, 0o600, file)
    })

    await t.test('a service that crashes is started again, and the screen says so', async t => {
      process.kill(state.processes['incidents']?.pid as number, 'SIGKILL')
      await run.says('incidents ended unexpectedly (SIGKILL): starting it again in')
      await run.says('incidents is ready again')
    })

    await t.test('the control socket restarts a part, tells which run, and refuses what it does not know', async t => {
      const socket = join(directory, 'control.sock')
      t.equal((await stat(socket)).mode & 0o777, 0o600)
      await askControl(socket, { do: 'restart', name: 'chat' })
      t.not((await stateOf()).processes['chat']?.pid, state.processes['chat']?.pid)
      t.equal((await askControl(socket, { do: 'status' }))['chat'], true)
      await t.rejects(askControl(socket, { do: 'restart', name: 'nonsense' }), /There is no part "nonsense": /)
      await t.rejects(askControl(socket, { do: 'explode' as 'stop' }), /"do" is one of/)
    })

    await t.test('the demo leaves an Aurora alone that nobody has set up', async t => {
      const target = { url: state.url, ca: await readFile(join(directory, 'certificates', 'public', 'ca.pem'), 'utf8') }
      t.equal(await isSetUp(target), false)
    })

    await t.test('the first owner is set up', async () => {
      const browser = openBrowser(state.url, state.ports['edge'] as number, await readFile(join(directory, 'certificates', 'public', 'ca.pem'), 'utf8'))
      const token = (await readFile(join(directory, 'keys', 'setup-token'), 'utf8')).trim()
      t.equal((await browser.request('POST', '/api/auth/setup', { token, ...owner, name: 'Owner', organisation: 'Org' })).status, 201)
      await browser.close()
    })

    await t.test('Ctrl-C stops all within the deadlines, by itself and with nothing left', async t => {
      const began = Date.now()
      run.child.kill('SIGINT')
      t.equal(await run.ended, 0)
      t.ok(Date.now() - began < 20_000)
      t.notMatch(run.output(), 'killed')
      t.same(await processesOf(directory), [])
    })
  })

  await t.test('a later start finds everything again, under another name too; killed outright it takes its parts along', async t => {
    const run = await start(t, directory, { PUBLIC_HOST: 'aurora.example' })
    await run.says('Ctrl-C here stops Aurora')
    t.notMatch(run.output(), '/setup#token=')
    t.match(run.output(), 'Only this machine can reach it: LISTEN_HOST=0.0.0.0 opens it to others.')
    const state = await stateOf()
    const browser = openBrowser(state.url, state.ports['edge'] as number, await readFile(join(directory, 'certificates', 'public', 'ca.pem'), 'utf8'))
    t.equal((await browser.request('POST', '/api/auth/login', owner)).status, 200)
    await browser.close()
    run.child.kill('SIGKILL')
    await run.ended
    await nothingLeft(directory)
  })

  await t.test('npm told to end takes all of it along: no shell stands between', async t => {
    const run = await start(t, directory, {}, ['npm', 'start'])
    await run.says(/vault +ready/)
    run.child.kill('SIGTERM')
    await run.ended
    t.match(run.output(), 'Aurora has stopped.')
    await nothingLeft(directory)
  })

  await t.test('a second Ctrl-C kills at once', async t => {
    const run = await start(t, directory)
    await run.says(/vault +ready/)
    run.child.kill('SIGINT')
    await eventually(() => run.output().includes('Stopping'), 'the first Ctrl-C')
    run.child.kill('SIGINT')
    t.not(await run.ended, 0)
    await nothingLeft(directory)
  })
})

async function secretsOf (directory: string): Promise<Array<{ file: string, value: string }>> {
  const files = await readdir(join(directory, 'keys'))
  const found = await Promise.all(files.map(async file => ({ file, value: (await readFile(join(directory, 'keys', file), 'latin1')).trim() })))
  return found.filter(({ value }) => value.length >= 16)
}
