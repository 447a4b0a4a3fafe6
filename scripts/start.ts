import { join } from 'node:path'
import { startAurora } from '../infra/parts/aurora.ts'
import { StartFailure } from '../infra/parts/failure.ts'
import { repository } from '../infra/parts/repository.ts'
import { welcome } from './start/welcome.ts'

/** `npm start`: all of Aurora on this machine, with progress on the screen, until Ctrl-C. */
const directory = process.env['AURORA_DIRECTORY'] ?? join(repository, '.aurora')
const say = (line: string) => console.log(line)
const stopping = new AbortController()
// Its reader may have gone (`npm start | head`): that ends nothing.
process.stdout.on('error', () => {})
let kill = () => {}
let close = async () => {}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { stop().catch(() => process.exit(1)) })

async function stop (): Promise<void> {
  if (stopping.signal.aborted) {
    say('Killed.')
    kill()
    process.exit(1)
  }
  say('\nStopping (Ctrl-C again kills) …')
  stopping.abort(new StartFailure('The start was given up.'))
  await close()
}

try {
  const port = portOf(process.env['PORT'] ?? '8443')
  const aurora = await startAurora({ directory, port, onProgress: say, signal: stopping.signal, onKillable: end => { kill = end } })
  close = async () => {
    await aurora.close()
    say('Aurora has stopped; its data stays in ' + directory)
    process.exit(0)
  }
  if (stopping.signal.aborted) await close()
  for (const line of await welcome(aurora)) say(line)
} catch (error) {
  if (stopping.signal.aborted) {
    say('Aurora has stopped.')
    process.exit(130)
  }
  console.error(error instanceof StartFailure ? `\n${error.message}` : error)
  process.exit(1)
}

function portOf (text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new StartFailure(`PORT is "${text}": give a number from 1 to 65535.`)
  return port
}
