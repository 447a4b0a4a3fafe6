import t from 'tap'
import { randomBytes } from 'node:crypto'
import { readMailKey } from '../mail-key.ts'

const key = (bytes: number) => randomBytes(bytes).toString('base64')

t.test('a key for mail of another length, or none, ends the start', async t => {
  for (const mailKey of ['', key(31), key(33)]) t.throws(() => readMailKey({ mailKey }), /mailKey/)
  t.throws(() => readMailKey({}), /mailKey/)
  t.equal(readMailKey({ mailKey: key(32) }).length, 32)
})
