import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { endStale } from './stale.ts'
import { watchContent } from './watch.ts'

/**
 * Runs nginx in the foreground and reloads it when one of the watched folders changes, which is how a renewed certificate comes
 * into use: `supervisor.ts --watch <folder>… -- nginx -p <prefix> -c <configuration>`.
 * SIGTERM and SIGINT let open requests end for a few seconds; a second signal does not wait.
 */
const drainSeconds = 5

const { values, positionals } = parseArgs({ options: { watch: { type: 'string', multiple: true, default: [] } }, allowPositionals: true })
const [binary, ...args] = positionals
if (binary === undefined) throw new Error('usage: supervisor.ts --watch <folder>… -- nginx …')

await endStale(args)

const nginx = spawn(binary, [...args, '-g', 'daemon off;'], { stdio: ['ignore', 'inherit', 'inherit'] })
const ended = new Promise<number>(resolve => {
  nginx.once('error', error => { console.error(`nginx could not be started: ${error.message}`); resolve(1) })
  nginx.once('exit', (code, signal) => resolve(code ?? (stopping && signal !== null ? 0 : 1)))
})

let stopping = false
function stop (): void {
  nginx.kill(stopping ? 'SIGKILL' : 'SIGQUIT')
  if (stopping) return
  stopping = true
  setTimeout(() => nginx.kill('SIGTERM'), drainSeconds * 1000).unref()
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

/** A half-written pair would make nginx refuse the reload and go on with the old one, so it is tried first. */
async function reload (): Promise<boolean> {
  const test = spawn(binary as string, [...args, '-t', '-q'], { stdio: ['ignore', 'inherit', 'inherit'] })
  const code = await new Promise<number | null>(resolve => { test.once('exit', resolve); test.once('error', () => resolve(1)) })
  if (code !== 0 || stopping) return false
  nginx.kill('SIGHUP')
  console.log(JSON.stringify({ time: new Date().toISOString(), level: 'info', service: 'edge', event: 'edge.reloaded' }))
  return true
}
const unwatch = watchContent(values.watch, reload)

process.exitCode = await ended
unwatch()
process.exit()
