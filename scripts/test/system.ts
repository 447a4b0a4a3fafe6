import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startAurora, type Aurora } from '../../infra/parts/aurora.ts'
import { freePorts } from '../../infra/parts/ports.ts'
import { StartFailure } from '../../infra/parts/failure.ts'
import { openBrowser } from '#shared/testing/browser'

interface Options { directory: string, signal?: AbortSignal, onKillable?: (kill: () => void) => void, onProgress?: (line: string) => void, logLevel?: 'debug' | 'info' }

/** Set up before the first test, since registration is closed until there is an owner. */
export const firstOwner = { email: 'owner@example.test', password: 'correct horse battery staple 9', name: 'First Owner', organisation: 'First' }

/** Aurora as tests want it: set up, with ports free for a language model and identity providers of the test's own, and edge limits that no test meets by accident. */
export async function startTestSystem ({ directory, signal, onKillable, onProgress = console.log, logLevel = 'debug' }: Options): Promise<Aurora> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const [modelPort, ...identityPorts] = await freePorts(4)
  const models = `127.0.0.1:${modelPort},localhost:${modelPort}`
  const providers = identityPorts.map(port => `127.0.0.1:${port}`).join(',')
  const aurora = await startAurora({
    directory,
    port: 0,
    durable: false,
    onProgress,
    settings: {
      auth: {
        // New keys are used after two seconds and not after seven minutes.
        KEY_LEAD_SECONDS: '2',
        OAUTH_ALLOWED_HOSTS: providers
      },
      chat: { MODEL_ALLOWED_HOSTS: models },
      secrets: { MODEL_ALLOWED_HOSTS: models, OAUTH_ALLOWED_HOSTS: providers },
      all: { LOG_LEVEL: logLevel }
    },
    ...signal === undefined ? {} : { signal },
    ...onKillable === undefined ? {} : { onKillable }
  })
  try {
    await writeFile(join(directory, 'test.json'), JSON.stringify({ modelPort, identityPorts }), { mode: 0o600 })
    await setUp(aurora)
  } catch (error) {
    await aurora.close()
    throw error
  }
  return aurora
}

async function setUp (aurora: Aurora): Promise<void> {
  const browser = openBrowser(aurora.url, aurora.ports['edge'] as number, aurora.ca)
  try {
    const { body } = await browser.request('GET', '/api/auth/setup')
    if (body.needed !== true) return
    const token = (await readFile(aurora.setupTokenFile, 'utf8')).trim()
    const answer = await browser.request('POST', '/api/auth/setup', { token, ...firstOwner })
    if (answer.status !== 201) throw new StartFailure(`The test system could not be set up (${answer.status}): ${answer.text.slice(0, 300)}`)
  } finally {
    await browser.close()
  }
}
