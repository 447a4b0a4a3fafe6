import t from 'tap'
import { randomBytes } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { filterBytes, openCommonPasswords } from '../common-passwords.ts'

const list = new URL('../common-passwords.bin', import.meta.url)

t.test('what every guesser tries is on the list, in any case and in compatibility forms', async t => {
  const isCommon = openCommonPasswords(list)
  for (const password of ['password', 'Password1', '1234567890', 'qwertyuiop', 'iloveyou1', 'letmein123', 'ＰＡＳＳＷＯＲＤ', 'P@SSW0RD', 'passwordpassword', 'correcthorsebatterystaple', 'aaaaaaaaaaaaaaa']) t.equal(isCommon(password), true, password)
})

t.test('what nobody tries is not, and is refused by chance less than once in fifty thousand times', async t => {
  const isCommon = openCommonPasswords(list)
  for (const password of ['correct horse', 'long enough', 'a sentence of my own', '🦉🦉🦉🦉🦉🦉🦉🦉', 'x'.repeat(128)]) t.equal(isCommon(password), false, password)
  const filter = (await readFile(list)).subarray(0, filterBytes)
  const set = filter.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
  t.ok((set / (filterBytes * 8)) ** 16 < 1 / 50_000, 'as the filter is filled')
  let refused = 0
  for (let count = 0; count < 20_000; count++) if (isCommon(randomBytes(12).toString('base64url'))) refused++
  t.ok(refused <= 5, `${refused} of 20,000 random ones`)
})

t.test('a list that is not there, not whole or not the one that was made is no list', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'aurora-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const whole = await readFile(list)
  const flipped = Buffer.from(whole)
  flipped.writeUInt8((flipped[7] ?? 0) ^ 1, 7)
  const damaged = { empty: Buffer.alloc(0), short: whole.subarray(0, -1), 'without its hash': whole.subarray(0, filterBytes), long: Buffer.concat([whole, Buffer.alloc(1)]), zeroes: Buffer.alloc(whole.length), flipped }
  t.throws(() => openCommonPasswords(pathToFileURL(join(folder, 'absent'))), { code: 'ENOENT' })
  for (const [name, bytes] of Object.entries(damaged)) {
    await writeFile(join(folder, name), bytes)
    t.throws(() => openCommonPasswords(pathToFileURL(join(folder, name))), /damaged/, name)
  }
})

t.test('a service without the list does not start', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'aurora-'))
  t.teardown(() => rm(folder, { recursive: true }))
  for (const file of ['passwords.ts', 'common-passwords.ts']) await copyFile(new URL(`../${file}`, import.meta.url), join(folder, file))
  await copyFile(new URL('../../../shared/errors.ts', import.meta.url), join(folder, 'errors.ts'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports: { '#shared/*': './*.ts' } }))
  const load = (attempt: string) => import(`${pathToFileURL(join(folder, 'passwords.ts')).href}?${attempt}`) as Promise<unknown>
  await t.rejects(load('absent'), { code: 'ENOENT' })
  await copyFile(list, join(folder, 'common-passwords.bin'))
  await t.resolves(load('there'))
})
