import t from 'tap'
import { parseReference, pathOf, referenceOf, type Owner } from '../reference.ts'

const place = { mount: 'aurora', base: 'default' }
const organisation = '018f0000-0000-7000-8000-0000000000aa'
const person = '018f0000-0000-7000-8000-000000000001'
const good = `vault:kv/data/aurora/default/orgs/${organisation}/users/${person}/gcp`

t.test('a reference names organisation, person and provider, and reads back as the same', async t => {
  const owners: Owner[] = [
    { kind: 'connection', organisation, person, provider: 'gcp' },
    { kind: 'connection', organisation, person: null, provider: 'gcp' },
    { kind: 'integration', organisation, id: person }
  ]
  t.equal(referenceOf(place, { kind: 'connection', organisation, person, provider: 'gcp' }), good)
  for (const owner of owners) t.same(parseReference(place, referenceOf(place, owner)), owner)
})

t.test('the same person has another secret in another organisation', async t => {
  const other = '018f0000-0000-7000-8000-0000000000bb'
  t.not(referenceOf(place, { kind: 'connection', organisation: other, person, provider: 'gcp' }), good)
})

t.test('what could lead anywhere else in Vault is not a reference', async t => {
  const hostile = [
    '',
    'vault:kv/data/aurora/default/services/auth',
    good.replace('/gcp', '/../gcp'),
    good.replace('/gcp', '/..'),
    good.replace('/gcp', '/%67cp'),
    good.replace('/gcp', '%2fgcp'),
    good.replace('/gcp', '//gcp'),
    good.replace('/gcp', '/gcp/'),
    good.replace('/gcp', '/gcp?version=1'),
    good.replace('/gcp', '/gcp#x'),
    good.replace('/gcp', '/gcp\n'),
    good.replace('/gcp', '/gcp\0'),
    good.replace('/gcp', '/gc\u{440}'),
    good.replace('/gcp', '/GCP'),
    good.replace('/gcp', '/__proto__'),
    good.replace('/gcp', `/${'a'.repeat(4_096)}`),
    good.replace('default', 'default/default'),
    good.replace('/aurora/', '/other/'),
    good.replace('/data/', '/metadata/'),
    good.replace(person, person.toUpperCase()),
    good.replace(person, '..'),
    ` ${good}`,
    `${good} `,
    good.toUpperCase()
  ]
  t.ok(parseReference(place, good), 'the one they are made of is good')
  for (const reference of hostile) t.equal(parseReference(place, reference), null, JSON.stringify(reference.slice(0, 160)))
})

t.test('no path is made of anything but UUIDs and the name of a provider', async t => {
  for (const part of ['..', '', 'x', `${person}/..`, person.toUpperCase()]) {
    t.throws(() => pathOf(place, { kind: 'connection', organisation: part, person, provider: 'gcp' }), part)
    t.throws(() => pathOf(place, { kind: 'connection', organisation, person: part, provider: 'gcp' }), part)
    t.throws(() => pathOf(place, { kind: 'integration', organisation, id: part }), part)
  }
  for (const provider of ['..', '', 'a/b', 'A', '__proto__', '%2e%2e']) {
    t.throws(() => pathOf(place, { kind: 'connection', organisation, person, provider }), provider)
  }
})
