import { system } from '#shared/testing/system'
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { newConversation } from './place.ts'

const aurora = await system()

t.test('conversations are listed page by page, read and deleted, and a deleted one is gone', async t => {
  const person = await aurora.signUp()
  const ids = []
  for (let n = 0; n < 3; n++) ids.unshift(await newConversation(person, { title: `Number ${n}`, ...(n === 0 ? { incident: 7 } : {}) }))
  const first = await person.request('GET', '/api/chat/sessions?limit=2')
  t.strictSame((first.body as { sessions: Array<{ id: string }> }).sessions.map(({ id }) => id), ids.slice(0, 2))
  const second = await person.request('GET', `/api/chat/sessions?limit=2&before=${(first.body as { next: string }).next}`)
  t.match(second.body, { sessions: [{ id: ids[2], title: 'Number 0', incident: 7 }], next: null })
  t.equal((await person.request('DELETE', `/api/chat/sessions/${ids[2]}`)).status, 204)
  for (const method of ['GET', 'DELETE']) t.equal((await person.request(method, `/api/chat/sessions/${ids[2]}`)).status, 404, `${method} of a deleted one`)
})

t.test('tags are taken out of a title', async t => {
  const person = await aurora.signUp()
  const { body } = await person.request('POST', '/api/chat/sessions', { title: '<img src=x onerror=alert(1)>Disk <b>full</b>' })
  t.match(body, { title: 'Disk full' })
})

t.test('another person and another organisation see no conversation, not even that it exists', async t => {
  const owner = await aurora.signUp()
  const stranger = await aurora.signUp()
  const id = await newConversation(owner)
  t.equal((await owner.request('GET', `/api/chat/sessions/${id}`)).status, 200)
  for (const method of ['GET', 'DELETE']) {
    const theirs = await stranger.request(method, `/api/chat/sessions/${id}`)
    const none = await stranger.request(method, `/api/chat/sessions/${randomUUID()}`)
    t.equal(theirs.status, 404)
    t.strictSame({ ...theirs.body as object, requestId: '' }, { ...none.body as object, requestId: '' })
  }
  t.match((await stranger.request('GET', '/api/chat/sessions')).body, { sessions: [], next: null })
})

t.test('a wrong body or id is refused as a problem and changes nothing', async t => {
  const person = await aurora.signUp()
  for (const body of [[], { title: 1 }, { title: 'x'.repeat(201) }, { incident: 0 }, { incident: '1' }, { personId: randomUUID() }]) {
    const answer = await person.request('POST', '/api/chat/sessions', body)
    t.match(answer, { status: 400, body: { type: 'urn:aurora:problem:validation' } }, JSON.stringify(body).slice(0, 40))
  }
  t.equal((await person.request('GET', '/api/chat/sessions/1')).status, 400)
  t.equal((await person.request('GET', '/api/chat/sessions?limit=1000')).status, 400)
  t.match((await person.request('GET', '/api/chat/sessions')).body, { sessions: [] })
})

t.test('a cursor, an id or a title that PostgreSQL could not take is refused before it, never an error of ours', async t => {
  const person = await aurora.signUp()
  const id = await newConversation(person)
  const at = Date.now()
  const cursors = [
    `${at}-${'-'.repeat(36)}`, `${at}-${'a'.repeat(36)}`, `${at}-${id.replaceAll('-', '')}----`, `${at}-${id.replace('-', '0').replace(/.$/, '-')}`,
    `${at}-${id.toUpperCase()}x`, `${at}-${id}0`, `${at}0-${id}`, `-${at}-${id}`, `${at}`, id, '', `1e12000000000-${id}`
  ]
  for (const cursor of cursors) {
    t.match(await person.request('GET', `/api/chat/sessions?before=${cursor}`), { status: 400, body: { type: 'urn:aurora:problem:validation' } }, `cursor ${cursor}`)
  }
  for (const cursor of [`0000000000000-${id}`, `9999999999999-${id}`]) t.equal((await person.request('GET', `/api/chat/sessions?before=${cursor}`)).status, 200, `cursor ${cursor}`)
  for (const wrong of ['-'.repeat(36), 'a'.repeat(36), `urn:uuid:${id}`, `{${id}}`, '0', '%20']) {
    for (const method of ['GET', 'DELETE'] as const) t.equal((await person.request(method, `/api/chat/sessions/${wrong}`)).status, 400, `${method} ${wrong}`)
  }
  // one character that normalises to three
  t.equal((await person.request('POST', '/api/chat/sessions', { title: '\ufb2c'.repeat(200) })).status, 400)
  t.equal((await person.request('POST', '/api/chat/sessions', { title: '\ud800' })).status, 400, 'half a character')
  for (const title of ['\ufb2c'.repeat(66), '\ud83d\ude00'.repeat(100), '\0']) {
    t.equal((await person.request('POST', '/api/chat/sessions', { title })).status, 201, JSON.stringify(title).slice(0, 20))
  }
  for (const incident of [999_999_999, 1]) t.equal((await person.request('POST', '/api/chat/sessions', { incident })).status, 201)
  for (const incident of [2_147_483_648, 1e21, 1.5, -1]) t.equal((await person.request('POST', '/api/chat/sessions', { incident })).status, 400, String(incident))
})
