import t from 'tap'
import { hashOf, randomSecret, sameSecret } from '../secret-values.ts'

t.test('a secret is 256 random bits: none comes twice, and each bit is set half of the time', async t => {
  const secrets = Array.from({ length: 4_000 }, randomSecret)
  t.equal(new Set(secrets).size, secrets.length)
  const bytes = secrets.map(secret => Buffer.from(secret, 'base64url'))
  t.ok(bytes.every(({ length }) => length === 32))
  for (let bit = 0; bit < 256; bit++) {
    const set = bytes.filter(buffer => ((buffer[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0).length
    // Seven standard deviations: chance alone does this once in a thousand million runs.
    t.ok(Math.abs(set - 2_000) < 222, `bit ${bit}: ${set}`)
  }
})

t.test('what is kept of a secret is a hash, and secrets are equal or not whatever their lengths', async t => {
  const secret = randomSecret()
  t.equal(hashOf(secret).length, 32)
  t.notOk(hashOf(secret).equals(Buffer.from(secret, 'base64url')))
  t.ok(sameSecret(secret, secret))
  for (const other of ['', secret.slice(1), `${secret}x`, randomSecret()]) t.notOk(sameSecret(secret, other))
})
