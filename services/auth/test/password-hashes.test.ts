import t from 'tap'
import { formOf, isOutdated } from '../password-hashes.ts'

const salt = 'bm90IGEgc2VjcmV0IQ'
const digest = 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k'
const argon = (parameters: string) => `$argon2id$v=19$${parameters}$${salt}$${digest}`
const bcrypt = (rounds: string, kind = '2b') => `$${kind}$${rounds}$3YOHDpfHcQfEzkRzeoUUWOKclHt1pxmUowLjJ7IqaL8VTjMTPtrSi`

t.test('bcrypt of 8 to 14 rounds is verified, in both its names', async t => {
  for (const rounds of ['08', '10', '14']) for (const kind of ['2a', '2b']) t.match(formOf(bcrypt(rounds, kind)), { scheme: 'bcrypt', rounds: Number(rounds) })
})

t.test('argon2id that a login can afford is verified, whatever the order of its parameters', async t => {
  for (const parameters of ['m=19456,t=2,p=1', 'm=19456,p=1,t=2', 'm=65536,t=3,p=4', 'm=102400,t=2,p=8', 'm=131072,t=4,p=16', 'm=8,t=1,p=1']) t.match(formOf(argon(parameters)), { scheme: 'argon2id' }, parameters)
})

t.test('what costs more than that, or is no such hash, matches nothing', async t => {
  const refused = [
    '', 'plain', 'x'.repeat(60), bcrypt('07'), bcrypt('15'), bcrypt('31'), bcrypt('00'), bcrypt('1'), bcrypt('10', '2y'), bcrypt('10', '2x'), bcrypt('10', '2'), `${bcrypt('10')} `, `${bcrypt('10')}\n`, bcrypt('10').slice(0, -1),
    bcrypt('10').replace(/i$/, 'j'), bcrypt('10').replace('UUWO', 'UUWP'),
    argon('m=131073,t=1,p=1'), argon('m=9999999,t=1,p=1'), argon('m=131072,t=5,p=1'), argon('m=8,t=65537,p=1'), argon('m=65536,t=3,p=17'), argon('m=7,t=1,p=1'), argon('m=64,t=1,p=16'),
    argon('m=65536,t=0,p=1'), argon('m=65536,t=3,p=0'), argon('m=65536,m=65536,p=1'), argon('m=65536,t=3'), argon('m=65536,t=3,p=1,data=eA'), argon('m=-1,t=3,p=1'), argon('m=1e5,t=3,p=1'),
    argon('m=65536,t=3,p=1').replace('argon2id', 'argon2i'), argon('m=65536,t=3,p=1').replace('v=19', 'v=16'), `$argon2id$v=19$m=65536,t=3,p=1$${salt}$`, `$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$${digest}`, `${argon('m=65536,t=3,p=1')}${'x'.repeat(60)}`
  ]
  for (const hash of refused) t.equal(formOf(hash), null, JSON.stringify(hash))
})

t.test('bcrypt and weaker argon2id are outdated, what is as strong is not', async t => {
  for (const hash of [bcrypt('14'), argon('m=19455,t=3,p=1'), argon('m=19456,t=1,p=1'), argon('m=4096,t=128,p=1'), 'something else']) t.equal(isOutdated(hash), true, hash)
  for (const hash of [argon('m=19456,t=2,p=1'), argon('m=19456,p=4,t=2'), argon('m=65536,t=3,p=4'), argon('m=47104,t=1,p=1')]) t.equal(isOutdated(hash), false, hash)
})
