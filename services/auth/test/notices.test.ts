import t from 'tap'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { system } from '#shared/testing/system'
import { notices } from '../notices.ts'

const aurora = await system()
const operator = await aurora.peer('setup')
const order = async (what: string, email: string) => (await operator.request('auth', 'POST', `/internal/operator/${what}`, { body: { email } })).status

t.test('docs/mail.md names every notice by its subject, and no other', async t => {
  const text = await readFile(join(import.meta.dirname, '../../../docs/mail.md'), 'utf8')
  const rows = [...text.matchAll(/^\| “(.+?)” \|/gm)].map(([, subject]) => subject)
  for (const { subject } of Object.values(notices)) t.ok(rows.includes(subject), subject)
})

t.test('what the operator does to a person is told to them, without a place that is not theirs', async t => {
  const person = await aurora.signUp()
  for (const what of ['end-sessions', 'disable', 'enable']) t.equal(await order(what, person.email.toUpperCase()), 200)
  t.equal(await order('enable', person.email), 200, 'what changes nothing is no news')
  const told = (await aurora.mailsTo(person.email, 4)).slice(1)
  t.strictSame(told.map(({ subject }) => subject).sort(), [notices.disabled, notices.enabled, notices['sessions-ended']].map(({ subject }) => subject).sort())
  for (const { text } of told) t.notMatch(text, 'Where:')
  const actors = await aurora.sql()<Array<{ person: string | null }>>`select distinct person_id as person from audit.events where action like 'auth.operator.%' and target = ${person.person}`
  t.strictSame([...actors], [{ person: null }], 'and in the audit log it is not their doing')
})

t.test('a provider that no longer vouches for a person is told to them', async t => {
  const person = await aurora.signUp()
  const [{ id } = { id: '' }] = await aurora.sql()<Array<{ id: string }>>`
    insert into auth.identities (person_id, issuer, subject, provider) values (${person.person}, 'https://issuer.example', ${crypto.randomUUID()}, 'test') returning id`
  t.equal((await person.request('DELETE', `/api/auth/identities/${id}`)).status, 204)
  t.match((await aurora.mailsTo(person.email, 2)).at(-1), { subject: notices['identity-removed'].subject, text: /If it was not you/, link: `${aurora.url}/account` })
  t.equal((await person.request('DELETE', `/api/auth/identities/${id}`)).status, 404)
  t.equal((await aurora.mailsTo(person.email, 2)).length, 2)
})
