import t from 'tap'
import { newRecoveryCodes } from '../recovery-codes.ts'
import { newSeed } from '../totp.ts'

const alphabet = '23456789abcdefghjkmnpqrstuvwxyz'

t.test('a recovery code has 117 random bits, none comes twice, and each character is as frequent as another', async t => {
  const codes = Array.from({ length: 1_000 }, newRecoveryCodes).flat()
  t.equal(new Set(codes).size, codes.length)
  const characters = codes.map(code => code.replaceAll('-', ''))
  t.ok(characters.every(text => text.length === 24 && 24 * Math.log2(alphabet.length) > 117 && alphabet.length === 31))
  const counts = new Map<string, number>()
  for (const character of characters.join('')) counts.set(character, (counts.get(character) ?? 0) + 1)
  t.strictSame([...counts.keys()].sort(), [...alphabet])
  const expected = codes.length * 24 / alphabet.length
  // Six standard deviations.
  for (const [character, count] of counts) t.ok(Math.abs(count - expected) < 6 * Math.sqrt(expected), `${character}: ${count}`)
})

t.test('a seed has 160 random bits, and none comes twice', async t => {
  const seeds = Array.from({ length: 1_000 }, newSeed)
  t.ok(seeds.every(({ length }) => length === 20))
  t.equal(new Set(seeds.map(seed => seed.toString('hex'))).size, seeds.length)
  for (let bit = 0; bit < 160; bit++) {
    const set = seeds.filter(seed => ((seed[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0).length
    t.ok(Math.abs(set - 500) < 111, `bit ${bit}: ${set}`)
  }
})
