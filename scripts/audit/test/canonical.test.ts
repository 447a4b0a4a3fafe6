import t from 'tap'
import { openPlace } from '../../../infra/postgres/test/place.ts'
import { canonical, genesis, type Row } from '../chain.ts'

/** What is hashed here must be byte for byte what the database hashes, or every chain would be called broken. */
const place = await openPlace()
t.teardown(place.close)

const organisation = '018f0000-0000-7000-8000-0000000000aa'
const texts = ['', 'plain', '"quoted" \\ and / slashes', 'new\nline\ttab\rreturn\b\f', '\u0001\u001f\u007f\u0080', 'é ü 漢字 💥 \u2028\u2029\ufeff', '<script>&amp;\'', `${'x'.repeat(499)}💥`]
const details = ['{}', '{"b": 1, "a": [true, null, "x"], "aa": {"z": "\\u0007\\"💥"}}', '{"n": 1.50, "big": 123456789012345678901234567890, "e": 1e3, "neg": -0.0}', '{"": ""}']

t.test('rows of every kind have the same bytes', async t => {
  for (const [index, target] of texts.entries()) {
    await place.admin`
      insert into audit.events (at, service, org_id, person_id, action, target, outcome, detail, request_id)
      values (now() - make_interval(secs => ${index * 1_234.567891}), 'chat', ${index % 2 === 0 ? organisation : null}, ${index % 3 === 0 ? organisation : null}, 'a.b', ${target}, 'success', ${details[index % details.length] ?? ''}::text::jsonb, ${target.slice(0, 20)})`
  }
  await place.admin`insert into audit.events (at, service, action, target, outcome, detail, request_id) values ('1969-12-31 23:59:59.999999Z', 'chat', 'a.b', '', 'success', '{}', '')`
  const rows = await place.admin<Array<Row & { bytes: Buffer }>>`
    select id, (extract(epoch from at) * 1000000)::bigint::text as at, xact::text, service, org_id as organisation, person_id as person, action, target, outcome, detail::text as detail,
      request_id as request, audit.canonical(events) as bytes
    from audit.events`
  t.equal(rows.length, texts.length + 1)
  for (const row of rows) t.equal(canonical(row), row.bytes.toString(), row.target)
})

t.test('a chain begins with the same hash', async t => {
  const [row] = await place.admin<Array<{ hash: Buffer }>>`select audit.genesis(${organisation}) as hash`
  t.ok(row?.hash.equals(genesis(organisation)))
})
