import { randomBytes } from 'node:crypto'
import t from 'tap'
import { openEntry, sealEntry } from '../cache/envelope.ts'

const key = { id: randomBytes(8), key: randomBytes(32) }
const plain = Buffer.from(JSON.stringify({ apiKey: 'planted-canary' }))
const context = 'aurora-secret-1\nvault:kv/data/aurora/default/orgs/a\n1\ngeneration'

t.test('an entry opens with its key and its context, and holds nothing in clear', async t => {
  const entry = sealEntry(key, plain, context)
  t.same(openEntry(key, entry, context), plain)
  t.notOk(entry.includes('planted-canary'))
  t.notSame(sealEntry(key, plain, context), entry, 'each has an IV of its own')
})

t.test('an entry of another reference, version or generation does not open', async t => {
  const entry = sealEntry(key, plain, context)
  for (const other of [context.replace('orgs/a', 'orgs/b'), context.replace('\n1\n', '\n2\n'), context.replace('generation', 'other'), '']) {
    t.equal(openEntry(key, entry, other), null)
  }
})

t.test('an entry that was changed or cut anywhere does not open', async t => {
  const entry = sealEntry(key, plain, context)
  // The first eight bytes name the key and are looked at before.
  for (let index = 8; index < entry.length; index++) {
    const changed = Buffer.from(entry)
    changed[index] = changed.readUInt8(index) ^ 1
    if (openEntry(key, changed, context) !== null) t.fail(`byte ${index}`)
    if (openEntry(key, entry.subarray(0, index), context) !== null) t.fail(`cut at ${index}`)
  }
  t.equal(openEntry(key, Buffer.alloc(0), context), null)
})

t.test('an entry of another key does not open', async t => {
  t.equal(openEntry({ id: key.id, key: randomBytes(32) }, sealEntry(key, plain, context), context), null)
})
