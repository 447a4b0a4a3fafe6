import t from 'tap'
import { roles } from '#shared/roles'
import { tokenIn } from '#shared/testing/mail'
import { system } from '#shared/testing/system'
import { withoutId } from './asking.ts'
import { accept, actions, current, invite, invited, newAddress, unproved } from './inviting.ts'

const aurora = await system()
const sql = aurora.sql()
const invitations = `${current}/invitations`

t.test('an invitation is listed until it is answered, and its token is in the mail alone', async t => {
  const owner = await aurora.signUp({ organisation: 'Inviting' })
  const email = newAddress()
  const { id, token } = await invited(owner, ` ${email.toUpperCase()} `.trim(), 'viewer').catch(async () => ({ id: '', token: tokenIn((await aurora.mailsTo(email, 1))[0]) }))
  const { body, text } = await owner.request('GET', invitations)
  t.match(body.invitations, [{ email, role: 'viewer', invitedBy: 'Test Person', expired: false }])
  t.ok(id === '' || id === body.invitations[0].id)
  t.notOk(text.includes(token))
  const days = (Date.parse(body.invitations[0].expiresAt) - Date.now()) / 86_400_000
  t.ok(days > 6.99 && days <= 7)
  const [mail] = await aurora.mailsTo(email, 1)
  t.match(mail, { subject: 'Invitation to “Inviting” on Aurora', text: /“Test Person” invites you to work in “Inviting” on Aurora, as viewer/ })
  t.equal(mail?.link, `${aurora.url}/invitation#token=${token}`)
  const rows = await sql<Array<{ row: string }>>`select row_to_json(invitations)::text as row from auth.invitations where email = ${email}`
  t.notOk(rows[0]?.row.includes(token), 'and only its hash in the database')
  t.ok((await actions(owner)).includes('auth.invitation.created'))
})

t.test('nobody learns from inviting whether an address has an account: one answer, one mail, the same rows', async t => {
  const [owner, known] = [await aurora.signUp(), await aurora.signUp()]
  const stranger = newAddress()
  const answers = [await invite(owner, known.email), await invite(owner, stranger)]
  t.strictSame(answers.map(({ status, body }) => [status, Object.keys(body)]), [[201, ['id']], [201, ['id']]])
  t.strictSame(...[answers[0], answers[1]].map(answer => Object.keys(answer?.headers ?? {}).sort()) as [string[], string[]])
  const [toKnown, toStranger] = [(await aurora.mailsTo(known.email, 2)).at(-1), (await aurora.mailsTo(stranger, 1)).at(-1)]
  const form = (mail: typeof toKnown) => ({ subject: mail?.subject, text: mail?.text.replace(tokenIn(mail), '…'), fields: Object.keys(mail ?? {}).sort() })
  t.strictSame(form(toKnown), form(toStranger))
  const shown = (await owner.request('GET', invitations)).body.invitations as Array<Record<string, unknown>>
  t.strictSame(...shown.map(({ id, email, sentAt, expiresAt, ...rest }) => rest) as [object, object])
  const rows = await sql<Array<Record<string, unknown>>>`select action, outcome, detail from audit.events where org_id = ${owner.organisation} and action like 'auth.invitation%'`
  t.strictSame(rows[0], rows[1])
})

t.test('who may invite whom as what: nobody above themselves', async t => {
  const owner = await aurora.signUp()
  for (const actorRole of roles) {
    const actor = actorRole === 'owner' ? owner : await aurora.signUp({ in: owner, role: actorRole })
    for (const [rank, role] of roles.entries()) {
      const allowed = (actorRole === 'owner' || actorRole === 'admin') && rank >= roles.indexOf(actorRole)
      t.equal((await invite(actor, newAddress(), role)).status, allowed ? 201 : 403, `${actorRole} invites ${role}`)
    }
  }
  t.ok((await actions(owner)).includes('auth.invitation.refused'))
})

t.test('inviting climbs its ladder', async t => {
  const owner = await aurora.signUp()
  const admin = await aurora.signUp({ in: owner, role: 'admin' })
  const viewer = await aurora.signUp({ in: owner, role: 'viewer' })
  const email = newAddress()
  t.equal((await aurora.visitor().request('POST', invitations, { email, role: 'viewer' })).status, 401, 'nobody')
  t.equal((await invite(viewer, email, 'viewer')).status, 403, 'without the permission')
  t.equal((await viewer.request('GET', invitations)).status, 403, 'nor may they see who was')
  t.equal((await admin.request('POST', invitations, { email, role: 'viewer' }, { origin: 'https://elsewhere.example' })).status, 403, 'from another site')
  t.equal((await invite(admin, 'not an address', 'viewer')).status, 400)
  t.match(await invite(admin, viewer.email, 'viewer'), { status: 409, body: { detail: 'This person is a member already.' } })
  await unproved(admin)
  t.match(await invite(admin, email, 'viewer'), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }, 'a stolen session lets nobody in')
  t.equal((await sql`select 1 from auth.invitations where email = ${email}`).length, 0)
  await admin.request('POST', '/api/auth/step-up', { password: admin.password })
  t.equal((await invite(admin, email, 'viewer')).status, 201)
  t.match(await invite(admin, email, 'viewer'), { status: 409, body: { detail: /invited already/ } })
})

t.test('of ten invitations of one address at once, one is made', async t => {
  const owner = await aurora.signUp()
  const email = newAddress()
  const answers = await Promise.all(Array.from({ length: 10 }, () => invite(owner, email)))
  t.strictSame(answers.map(({ status }) => status).sort(), [201, ...Array(9).fill(409)])
})

t.test('sent again it has a new link and seven new days; the link before opens nothing', async t => {
  const owner = await aurora.signUp()
  const admin = await aurora.signUp({ in: owner, role: 'admin' })
  const email = newAddress()
  const { id, token } = await invited(admin, email, 'viewer')
  await sql`update auth.invitations set sent_at = now() - interval '8 days', expires_at = now() - interval '1 day' where id = ${id}`
  t.match((await owner.request('GET', invitations)).body.invitations, [{ id, expired: true }])
  await unproved(owner)
  t.equal((await owner.request('POST', `${invitations}/${id}/resend`)).status, 403, 'not without a fresh proof')
  await owner.request('POST', '/api/auth/step-up', { password: owner.password })
  t.equal((await owner.request('POST', `${invitations}/${id}/resend`)).status, 204)
  const again = tokenIn((await aurora.mailsTo(email, 2)).at(-1))
  t.not(again, token)
  const open = (token: string) => aurora.visitor().request('POST', '/api/organisations/invitations/open', { token })
  t.equal((await open(token)).status, 404)
  t.equal((await open(again)).status, 200)
  t.match((await owner.request('GET', invitations)).body.invitations, [{ id, expired: false }])
  t.ok((await actions(owner)).includes('auth.invitation.resent'))
})

t.test('an administrator does not send an owner\'s invitation again', async t => {
  const owner = await aurora.signUp()
  const admin = await aurora.signUp({ in: owner, role: 'admin' })
  const { id, token } = await invited(owner, newAddress(), 'owner')
  t.equal((await admin.request('POST', `${invitations}/${id}/resend`)).status, 403)
  t.equal((await aurora.visitor().request('POST', '/api/organisations/invitations/open', { token })).status, 200, 'and it is as it was')
})

t.test('taken back it opens nothing; one of another organisation is not there', async t => {
  const [owner, other] = [await aurora.signUp(), await aurora.signUp()]
  const person = await aurora.signUp()
  const { id, token } = await invited(owner, person.email)
  for (const [method, path] of [['DELETE', `${invitations}/${id}`], ['POST', `${invitations}/${id}/resend`]] as const) {
    const nobodys = await other.request(method, path.replace(id, crypto.randomUUID()))
    t.strictSame(withoutId(await other.request(method, path)), withoutId(nobodys), path)
    t.equal(nobodys.status, 404)
  }
  t.equal((await owner.request('DELETE', `${invitations}/${id}`)).status, 204)
  t.equal((await owner.request('DELETE', `${invitations}/${id}`)).status, 404)
  t.equal((await owner.request('POST', `${invitations}/${id}/resend`)).status, 404)
  t.equal((await accept(person, token)).status, 404)
  t.strictSame((await owner.request('GET', invitations)).body.invitations, [])
  t.equal((await invite(owner, person.email)).status, 201, 'and the address can be invited anew')
})

t.test('nobody\'s mailbox is flooded, by one organisation or by many, and the answer does not tell', async t => {
  const email = newAddress()
  const answers = []
  for (let count = 0; count < 8; count++) answers.push((await invite(await aurora.signUp(), email)).status)
  t.strictSame(answers, Array(8).fill(201))
  const { length } = await aurora.mailsTo(email, 5)
  t.ok(length < 8, `${length} mails`)
})

t.test('so many may wait for an answer, and no more', async t => {
  const owner = await aurora.signUp()
  await sql`
    insert into auth.invitations (org_id, email, role, invited_by, token_hash)
    select ${owner.organisation}, 'waiting-' || n || '@example.test', 'viewer', ${owner.person}, sha256(gen_random_uuid()::text::bytea)
    from generate_series(1, 100) as n`
  t.match(await invite(owner, newAddress()), { status: 409, body: { detail: /At most 100/ } })
})

t.test('what was answered or outrun is forgotten after a month', async t => {
  const owner = await aurora.signUp()
  const { id } = await invited(owner, newAddress())
  const { id: newer } = await invited(owner, newAddress())
  await sql`update auth.invitations set sent_at = now() - interval '38 days', expires_at = now() - interval '31 days' where id = ${id}`
  await aurora.sqlAs('auth', { organisation: null, person: null }, sql => sql`select auth.forget_invitations()`)
  t.strictSame((await sql<Array<{ id: string }>>`select id from auth.invitations where org_id = ${owner.organisation}`).map(row => row.id), [newer])
})
