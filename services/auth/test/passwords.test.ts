import t from 'tap'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contextWords, newPassword, normalPassword } from '../passwords.ts'

const email = 'annabel.lee@example.org'
const choose = (password: string, minimum = 8) => newPassword(password, email, minimum)
const refusal = (message: RegExp) => ({ code: 'validation', errors: [{ path: '/password', message }] })

t.test('eight code points are enough, whatever they are', async t => {
  for (const password of ['correct horse', 'aaaaaaab', '🦉🦉🦉🦉🦉🦉🦉🦉', ' leading and trailing ', 'x'.repeat(128), '🦉'.repeat(256)]) t.equal(choose(password), password)
})

t.test('seven code points, and more than fit, are refused', async t => {
  for (const password of ['1234567', '🦉🦉🦉🦉🦉🦉🦉']) t.throws(() => choose(password), refusal(/at least 8/))
  for (const password of ['x'.repeat(257), '\ufdfa'.repeat(15)]) t.throws(() => choose(password), refusal(/at most 256/))
})

t.test('lengths are those of the normal form', async t => {
  t.equal(choose('ﬃﬃﬃ owls'), 'ffiffiffi owls')
  t.throws(() => choose('pässwörd'.normalize('NFD').slice(0, 9)), refusal(/at least 8/), 'nine code points that are seven characters')
})

t.test('where fifteen are asked for, fourteen are refused', async t => {
  t.throws(() => choose('fourteen chars', 15), refusal(/at least 15/))
  t.equal(choose('fifteen letters', 15), 'fifteen letters')
})

t.test('what leaked so often that it is tried first is refused, in any case and form, also where fifteen are asked for', async t => {
  for (const password of ['password', 'PassWord1', '1234567890', 'ｐａｓｓｗｏｒｄ', 'qwertyuiop']) t.throws(() => choose(password), refusal(/leaked/), password)
  t.throws(() => choose('passwordpassword', 15), refusal(/leaked/))
})

t.test('what is the address or nearly so is refused', async t => {
  for (const password of ['annabel.lee@example.org', 'ANNABEL.lee@example.org', 'Annabel2026!', 'annabel1', 'annabelannabel', '2026-Annabel', 'AnnabelLee26', 'example.org', 'ａｎｎａｂｅｌ99', 'lee@example', 'Annabel$$$']) t.throws(() => choose(password), refusal(/address/), password)
  for (const password of ['annabel likes owls', 'for example: a sentence', 'organised chaos']) t.equal(choose(password), password)
})

t.test('what is made of words that everybody would try here is refused, and docs/passwords.md prints them', async t => {
  for (const password of ['Aurora2026!', 'aurora-incidents', 'Incident-Response', 'IncidentResponder1', 'ａｕｒｏｒａadmin', 'GrafanaAdmin!!', 'oncall 2026', 'auroraaurora']) t.throws(() => choose(password), refusal(/everybody would try here/), password)
  for (const password of ['aurora borealis at dawn', 'my incident was a comedy', 'on-call owls hoot']) t.equal(choose(password), password)
  t.match(await readFile(join(import.meta.dirname, '../../../docs/passwords.md'), 'utf8'), `try here: ${contextWords.join(', ')}.`)
})

t.test('a password typed composed and decomposed is the same', async t => {
  t.equal(normalPassword('pässwörd-1'.normalize('NFD')), normalPassword('pässwörd-1'.normalize('NFC')))
  t.equal(normalPassword('ｐａｓｓword'), 'password')
})
