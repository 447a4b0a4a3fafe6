import t from 'tap'
import { newPassword, normalPassword } from '../passwords.ts'

const email = 'annabel@example.org'

t.test('eight code points are enough, whatever they are', async t => {
  for (const password of ['correct horse', 'aaaaaaab', '🦉🦉🦉🦉🦉🦉🦉🦉', ' leading and trailing ', 'x'.repeat(128), '🦉'.repeat(256)]) t.equal(newPassword(password, email), password)
})

t.test('seven code points, and more than fit, are refused', async t => {
  for (const password of ['1234567', '🦉🦉🦉🦉🦉🦉🦉', 'x'.repeat(257)]) t.throws(() => newPassword(password, email), { code: 'validation' })
})

t.test('what is the address or nearly so is refused', async t => {
  for (const password of ['annabel@example.org', 'ANNABEL@example.org', 'Annabel2026!', 'annabel1']) t.throws(() => newPassword(password, email), { code: 'validation' }, password)
})

t.test('a password typed composed and decomposed is the same', async t => {
  t.equal(normalPassword('pässwörd-1'.normalize('NFD')), normalPassword('pässwörd-1'.normalize('NFC')))
  t.equal(normalPassword('ｐａｓｓword'), 'password')
})
