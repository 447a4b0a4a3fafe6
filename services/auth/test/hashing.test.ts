import t from 'tap'
import bcrypt from 'bcryptjs'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createHashing } from '../hashing.ts'

t.test('a password matches its own hash and no other', async t => {
  const hashing = await createHashing(8)
  t.teardown(hashing.close)
  const digest = await hashing.hash('correct horse')
  t.match(digest, /^\$argon2id\$v=19\$m=19456,(t=2,p=1|p=1,t=2)\$/, 'argon2id at the parameters of the design')
  t.not(await hashing.hash('correct horse'), digest, 'salted')
  t.equal(await hashing.verify(digest, 'correct horse'), true)
  t.equal(await hashing.verify(digest, 'correct horsE'), false)
})

t.test('an account that does not exist matches nothing, not even what was hashed for it', async t => {
  const hashing = await createHashing(8)
  t.teardown(hashing.close)
  for (const password of ['wrong', 'correct horse', '']) t.equal(Boolean(await hashing.verify(undefined, password)), false, password)
})

t.test('a bcrypt hash of an earlier installation matches its password and no other', async t => {
  const hashing = await createHashing(8)
  t.teardown(hashing.close)
  for (const hash of [await bcrypt.hash('correct horse', 8), (await bcrypt.hash('correct horse', 8)).replace('$2b$', '$2a$')]) {
    t.equal(await hashing.verify(hash, 'correct horse'), true, hash.slice(0, 4))
    for (const password of ['correct horsE', 'correct hors', 'correct horse ', '']) t.equal(await hashing.verify(hash, password), false, password)
    t.equal(await hashing.verify(hash, 'correct horse\0correct horse'), false, 'what bcrypt takes for the same')
  }
  const long = await bcrypt.hash('x'.repeat(80), 8)
  t.equal(await hashing.verify(long, 'x'.repeat(80)), true, 'more than the 72 bytes that bcrypt looks at')
  t.equal(await hashing.verify(long, 'x'.repeat(71)), false)
})

t.test('a hash that would take too long matches nothing and costs what an unknown account costs', async t => {
  const hashing = await createHashing(8)
  t.teardown(hashing.close)
  // 2^31 rounds are a century; four passes over 4 GiB are more memory than there is.
  const dear = [(await bcrypt.hash('correct horse', 8)).replace('$08$', '$31$'), (await hashing.hash('correct horse')).replace('m=19456', 'm=4194304'), 'not a hash at all, but as long as one']
  for (const hash of dear) t.equal(await Promise.race([hashing.verify(hash, 'correct horse'), delay(20_000, 'still at it', { ref: false })]), false, hash.slice(0, 30))
})

t.test('past the queue a login is answered 503 with a time to come back, and what waits is served', async t => {
  const hashing = await createHashing(4)
  t.teardown(hashing.close)
  const results = await Promise.allSettled(Array.from({ length: 40 }, () => hashing.verify(undefined, 'x')))
  const refused = results.filter(result => result.status === 'rejected')
  t.ok(refused.length > 0 && refused.length < 40, `${refused.length} of 40 refused`)
  for (const { reason } of refused) t.match(reason, { status: 503, retryAfter: 2 })
  t.equal(await hashing.verify(undefined, 'x'), false, 'and afterwards there is room again')
})

t.test('a flood from anybody leaves room for who signs in from a known device, and does not stand before them', async t => {
  const hashing = await createHashing(6)
  t.teardown(hashing.close)
  const done: string[] = []
  const flood = Promise.allSettled(Array.from({ length: 40 }, () => hashing.verify(undefined, 'x').then(() => { done.push('anybody') })))
  t.throws(() => hashing.assertRoom(), { message: 'Too many people are signing in right now.' })
  hashing.assertRoom('known')
  await hashing.verify(undefined, 'x', 'known').then(() => { done.push('known') })
  t.ok(done.indexOf('known') < 6, `served as number ${done.indexOf('known') + 1} of what waited`)
  await flood
  const crowd = await Promise.allSettled(Array.from({ length: 40 }, () => hashing.verify(undefined, 'x', 'known')))
  t.ok(crowd.some(({ status }) => status === 'rejected'), 'and that queue has an end too')
})

t.test('hashing has a process of its own, of low priority; when it dies it is replaced', async t => {
  const before = childrenOf(process.pid)
  const hashing = await createHashing(4)
  t.teardown(hashing.close)
  const [child] = childrenOf(process.pid).filter(({ pid }) => !before.some(known => known.pid === pid))
  t.ok(child !== undefined && child.nice > 0, 'nice')
  if (process.platform === 'linux') t.ok(workersOf(child?.pid ?? 0).length > 0 && workersOf(child?.pid ?? 0).every(nice => nice > 0), 'and so are the threads that do the work')
  const pending = hashing.verify(undefined, 'x')
  process.kill(child?.pid ?? 0, 'SIGKILL')
  await pending.catch((error: unknown) => t.match(error, { status: 503 }, 'what it held is refused, not lost'))
  t.match(await hashing.hash('again'), /^\$argon2id/)
})

function childrenOf (parent: number): Array<{ pid: number, nice: number }> {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,ni=,args='], { encoding: 'utf8' }).split('\n')
  return lines.filter(line => line.includes('hashing-process')).map(line => line.trim().split(/\s+/).map(Number)).flatMap(([pid, ppid, nice]) => ppid === parent ? [{ pid: pid ?? 0, nice: nice ?? 0 }] : [])
}

/** A thread has the priority that its maker had at that moment, not what the process has now. */
function workersOf (pid: number): number[] {
  const stats = readdirSync(`/proc/${pid}/task`).map(thread => readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'))
  return stats.filter(stat => stat.includes('(libuv-worker)')).map(stat => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]))
}
