import t from 'tap'
import { networksOf, plainAddress } from '../api-key-networks.ts'
import { kindOfKey, newKey, prefixOf } from '../api-key-text.ts'

t.test('a key has its kind, 43 random digits and a checksum, and is known by them', async t => {
  for (const [kind, prefix] of [['person', 'aur_'], ['agent', 'aura_']] as const) {
    const keys = Array.from({ length: 200 }, () => newKey(kind))
    t.equal(new Set(keys).size, 200)
    for (const key of keys) {
      t.match(key, new RegExp(`^${prefix}[0-9A-Za-z]{49}$`))
      t.equal(kindOfKey(key), kind)
    }
    t.equal(prefixOf(keys[0] as string).length, prefix.length + 4, 'what is shown of it is short')
  }
})

t.test('whatever is mistyped, cut, of another kind or dressed up is no key', async t => {
  const key = newKey('person')
  const other = (text: string) => text === 'a' ? 'b' : 'a'
  for (let at = 0; at < key.length; at++) t.equal(kindOfKey(key.slice(0, at) + other(key[at] as string) + key.slice(at + 1)), null, `another letter at ${at}`)
  const wrong = ['', 'aur_', key.slice(0, -1), `${key}0`, ` ${key}`, `${key}\n`, key.toUpperCase(), key.replace('aur_', 'aura_'), key.replace('aur_', 'AUR_'), `${key.slice(0, 10)}-${key.slice(11)}`, 'x'.repeat(100_000)]
  for (const text of wrong) t.equal(kindOfKey(text), null, text.slice(0, 80))
})

t.test('networks are written in one way, and what is none is refused', async t => {
  t.strictSame(networksOf(['203.0.113.7', ' 203.0.113.77/24', '2001:DB8::1', '2001:db8:1::5/48', '0.0.0.0/0', '203.0.113.7/32'], '/networks'),
    ['203.0.113.7/32', '203.0.113.0/24', '2001:db8::1/128', '2001:db8:1::/48', '0.0.0.0/0'])
  for (const text of ['', 'example.org', '10.0.0.0/33', '10.0.0', '10.1/16', '012.0.0.1', '0x0a.0.0.1', '::1/129', 'fe80::1%eth0', '::ffff:10.0.0.1', '::ffff:0:0/96', '10.0.0.0/8/8', '10.0.0.0/-1', "10.0.0.1'"]) {
    t.throws(() => networksOf([text], '/networks'), { code: 'validation', errors: [{ path: '/networks/0' }] }, text)
  }
  t.strictSame(['203.0.113.7', '::ffff:203.0.113.7', '2001:db8::1', 'nonsense'].map(plainAddress), ['203.0.113.7', '203.0.113.7', '2001:db8::1', null])
})
