import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { openPage, type Page } from './page.ts'

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--hide-scrollbars', '--ignore-certificate-errors', '--remote-debugging-port=0'
]

export interface Browser { page: () => Promise<Page>, close: () => Promise<void> }

/** A real Chromium with an empty profile, driven over its DevTools protocol. */
export async function openBrowser (): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'aurora-browser-'))
  const child = spawn(await findChromium(), [...flags, `--user-data-dir=${profile}`, 'about:blank'], { stdio: 'ignore' })
  const port = await portOf(profile, () => child.exitCode)
  return {
    page: async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/json/new?about:blank`, { method: 'PUT' })
      const { webSocketDebuggerUrl } = await answer.json() as { webSocketDebuggerUrl: string }
      const socket = new WebSocket(webSocketDebuggerUrl, { perMessageDeflate: false })
      await once(socket, 'open')
      return await openPage(socket)
    },
    close: async () => {
      child.kill('SIGTERM')
      await Promise.race([once(child, 'exit'), delay(5000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))])
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    }
  }
}

async function findChromium (): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      const path = join(folder, name)
      if (await access(path).then(() => true, () => false)) return path
    }
  }
  throw new Error('These tests drive a real browser and found none on PATH. Install it: apt-get install -y chromium')
}

async function portOf (profile: string, exitCode: () => number | null): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    const text = await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '')
    const [port] = text.split('\n')
    if (port !== undefined && port !== '') return port
    if (exitCode() !== null) throw new Error(`Chromium ended with code ${exitCode()} at its start`)
    await delay(50)
  }
  throw new Error('Chromium did not open its debugging port within 15 s')
}
