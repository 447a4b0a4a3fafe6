import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAurora } from '../../infra/parts/aurora.ts'
import { askControl } from '../../infra/parts/control.ts'
import { repository } from '../../infra/parts/repository.ts'
import { openBrowser } from './browser.ts'

/** The Aurora that the demo drives. Its folder is looked into only for what no public address may tell. */
export interface Target {
  url: string
  ca: string
  directory: string
  ports: Record<string, number>
  /** The demo's own may be set up by the demo; somebody's running one keeps its setup link for its owner. */
  own: boolean
  restart: (name: string) => Promise<void>
  close: () => Promise<void>
}

/** The Aurora that runs in this folder, once it is set up; otherwise, or when `own` is asked for, a new one in a temporary folder. */
export async function openTarget (own: boolean, say: (line: string) => void): Promise<Target> {
  const running = own ? null : await runningTarget()
  if (running !== null) {
    if (await isSetUp(running)) {
      say(`Aurora runs at ${running.url}`)
      return running
    }
    // Whoever follows the link owns the installation, and before that nobody may register.
    say(`Aurora runs at ${running.url}, and is not set up yet: its one-time link stays yours.`)
  }
  const directory = await mkdtemp(join(tmpdir(), 'aurora-demo-'))
  say(`Starting an Aurora for this demo in ${directory}`)
  const aurora = await startAurora({ directory, port: 0, onProgress: say })
  return {
    url: aurora.url,
    ca: aurora.ca,
    directory,
    ports: aurora.ports,
    own: true,
    restart: aurora.restart,
    close: async () => {
      await aurora.close()
      await rm(directory, { recursive: true, force: true })
    }
  }
}

/** Whether the demo may drive it: somebody has followed its setup link. */
export async function isSetUp (target: Pick<Target, 'url' | 'ca'>): Promise<boolean> {
  const visitor = openBrowser(target)
  try {
    return !(await visitor.expect<{ needed: boolean }>(200, 'GET', '/api/auth/setup')).needed
  } finally {
    await visitor.close()
  }
}

async function runningTarget (): Promise<Target | null> {
  const directory = process.env['AURORA_DIRECTORY'] ?? join(repository, '.aurora')
  const control = join(directory, 'control.sock')
  if (!await access(control).then(() => true, () => false)) return null
  if (!await askControl(control, { do: 'status' }).then(() => true, () => false)) return null
  const { url, ports } = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8')) as { url: string, ports: Record<string, number> }
  return {
    url,
    ports,
    directory,
    ca: await readFile(join(directory, 'certificates', 'public', 'ca.pem'), 'utf8'),
    own: false,
    restart: async name => { await askControl(control, { do: 'restart', name }) },
    close: async () => {}
  }
}
