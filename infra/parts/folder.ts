import { chmod, mkdir, open, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { writeFileSync, renameSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { StartFailure } from './failure.ts'
import { identityOf, isAlive, type ProcessIdentity } from './identity.ts'

/** What a running Aurora tells about itself in `state.json`: no secret, only where things are and whose processes they are. */
export interface State {
  url: string
  ports: Record<string, number>
  processes: Record<string, ProcessIdentity>
}

export interface Folder {
  directory: string
  path: (...names: string[]) => string
  state: State
  /** Written at once, so that a start that is cut off in the next moment still leaves the names of its processes. */
  save: () => void
  release: () => Promise<void>
}

const folders = ['keys', 'logs', 'certificates', 'openbao', 'valkey-state', 'valkey-cache', 'valkey-tls', 'nginx', 'mailbox', 'seals']

/** A unix socket's path may have 103 bytes on macOS and 107 on Linux; ours are at most 26 bytes below the folder. */
const longest = 76

/** Opens the data folder for this process alone, and ends what an earlier start may have left running in it. */
export async function openFolder (directory: string, say: (line: string) => void): Promise<Folder> {
  const root = resolve(directory)
  if (Buffer.byteLength(root) > longest) {
    throw new StartFailure(`The path of the data folder ${root} is too long for unix sockets (more than ${longest} bytes): set AURORA_DIRECTORY to a shorter one.`)
  }
  const path = (...names: string[]) => join(root, ...names)
  try {
    await mkdir(root, { recursive: true, mode: 0o700 })
    await chmod(root, 0o700)
    for (const folder of folders) await mkdir(path(folder), { recursive: true, mode: 0o700 })
    await writeFile(path('.writable'), '')
    await unlink(path('.writable'))
  } catch (error) {
    throw new StartFailure(`The folder ${root} cannot be written (${(error as NodeJS.ErrnoException).code}): make it writable for this user or set AURORA_DIRECTORY to another one.`, { cause: error })
  }
  await lock(path('aurora.pid'), root)
  try {
    await endStrays(path('state.json'), say)
    await rm(path('control.sock'), { force: true })
  } catch (error) {
    await rm(path('aurora.pid'), { force: true })
    throw error
  }

  const state: State = { url: '', ports: {}, processes: {} }
  return {
    directory: root,
    path,
    state,
    save () {
      writeFileSync(path('state.json.new'), JSON.stringify(state, null, 2), { mode: 0o600 })
      renameSync(path('state.json.new'), path('state.json'))
    },
    async release () {
      await rm(path('state.json'), { force: true })
      await rm(path('aurora.pid'), { force: true })
    }
  }
}

async function lock (file: string, root: string): Promise<void> {
  const me = identityOf(process.pid)
  for (let tries = 0; tries < 5; tries++) {
    try {
      const handle = await open(file, 'wx', 0o600)
      await handle.writeFile(JSON.stringify(me))
      await handle.close()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await readIdentity(file)
    if (holder !== null && isAlive(holder)) {
      throw new StartFailure(`Another Aurora is running in ${root} (process ${holder.pid}): use that one, end it first, or set AURORA_DIRECTORY and PORT for a second one.`)
    }
    // Moved aside rather than removed: of two starts that both find the stale file only one gets it.
    await rename(file, `${file}.${process.pid}`).then(() => unlink(`${file}.${process.pid}`)).catch(() => {})
  }
  throw new StartFailure(`The lock ${file} could not be taken: remove it if no Aurora runs in ${root}, then start again.`)
}

async function readIdentity (file: string): Promise<ProcessIdentity | null> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    return isIdentity(value) ? value : null
  } catch {
    return null
  }
}

async function endStrays (file: string, say: (line: string) => void): Promise<void> {
  let recorded: unknown
  try {
    recorded = JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return
  }
  const processes = (recorded as Partial<State> | null)?.processes
  if (typeof processes !== 'object' || processes === null) return
  for (const [name, identity] of Object.entries(processes)) {
    if (!isIdentity(identity) || identity.pid === process.pid || !isAlive(identity)) continue
    say(`ending ${name}, left over from an earlier start (process ${identity.pid})`)
    await end(identity, name)
  }
  await unlink(file)
}

async function end (identity: ProcessIdentity, name: string): Promise<void> {
  process.kill(identity.pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM')
  const deadline = Date.now() + 5000
  while (isAlive(identity)) {
    if (Date.now() > deadline) {
      process.kill(identity.pid, 'SIGKILL')
      await new Promise(resolve => setTimeout(resolve, 200))
      return
    }
    await new Promise(resolve => setTimeout(resolve, 30))
  }
}

function isIdentity (value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  const { pid, started } = value as Partial<ProcessIdentity>
  return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 1 && typeof started === 'string'
}
