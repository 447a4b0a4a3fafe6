import t from 'tap'
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import type { Database, Scope, Sql } from '#shared/database'
import { seal } from '#shared/sealed'
import { eventually, system } from '#shared/testing/system'
import type { Mail } from '../mailbox.ts'
import { createMailer, type Deliver } from '../mailer.ts'
import { NotTaken } from '../not-taken.ts'

/**
 * Mailers of the test's own on the running PostgreSQL. The running auth would be quicker: rows are written as not yet due and become due for
 * the mailer under test alone, by a claim that hands out this test's rows only.
 */
const aurora = await system()
const sql = aurora.sql()
const key = randomBytes(32)
const person = crypto.randomUUID()
const mail: Mail = { to: 'someone@example.test', subject: 'A subject', text: 'A text', link: 'https://aurora.test/#token=secret' }

const inScope: Database['inScope'] = (scope, work) => aurora.sqlAs('auth', scope, work)
const database = {
  inScope,
  resolve: () => sql`
    update auth.outbox
    set attempts = attempts + 1, due_at = due_at + interval '1 minute'
    where person_id = ${person} and due_at <= now() + interval '1 day'
    returning id, person_id as person, attempts`
} as unknown as Database

const mailerWith = (deliver: Deliver) => createMailer({ database, key, deliver, log: pino({ level: 'silent' }) })
const rows = () => sql<Array<{ id: string, attempts: number, dueIn: number, sealed: Buffer }>>`
  select id, attempts, extract(epoch from due_at - now())::float8 as "dueIn", sealed
  from auth.outbox
  where person_id = ${person}`

async function enqueue (message: Mail | null): Promise<void> {
  await aurora.sqlAs('auth', { organisation: null, person }, async scoped => {
    await mailerWith(async () => {}).enqueue(scoped, person, message)
    // Out of reach of the running mailer, before anybody sees the row.
    await scoped`update auth.outbox set due_at = now() + interval '1 hour' where person_id = ${person}`
  })
  // So that a failure postpones it out of that reach too.
  await sql`update auth.outbox set attempts = 8 where person_id = ${person}`
}

async function runWith (t: { teardown: (end: () => void) => void }, deliver: Deliver): Promise<void> {
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  mailerWith(deliver).run(stop.signal).catch(() => {})
}

t.test('a message waits sealed: neither its address nor its link lies in PostgreSQL', async t => {
  await enqueue(mail)
  const [row] = await rows()
  for (const word of ['someone', 'secret', 'A subject']) t.notOk(row?.sealed.includes(word), word)
})

t.test('a mail server that is down loses nothing: the message is tried again under the same id, and then gone', async t => {
  const ids: string[] = []
  const delivered: Mail[] = []
  await runWith(t, async (message, id) => {
    ids.push(id)
    if (ids.length < 3) throw new Error('the server is down')
    delivered.push(message)
  })
  // Each failure postpones it, in the reach of this test's claim.
  await eventually(async () => (await rows()).length === 0, 'the outbox to be empty', 10)
  t.strictSame(delivered, [mail])
  t.equal(new Set(ids).size, 1)
})

t.test('what is for nobody is sent to nobody, and gone', async t => {
  let sent = 0
  await enqueue(null)
  await runWith(t, async () => { sent++ })
  await eventually(async () => (await rows()).length === 0, 'the outbox to be empty')
  t.equal(sent, 0)
})

t.test('a message of another key, or one that was moved, is given up and said so', async t => {
  const [a, b] = [crypto.randomUUID(), crypto.randomUUID()]
  const foreign = seal(randomBytes(32), Buffer.from(JSON.stringify(mail)), `auth.outbox|${a}`)
  const moved = seal(key, Buffer.from(JSON.stringify(mail)), `auth.outbox|${crypto.randomUUID()}`)
  for (const [id, sealed] of [[a, foreign], [b, moved]] as const) {
    await sql`insert into auth.outbox (id, person_id, sealed, due_at) values (${id}, ${person}, ${sealed}, now() + interval '1 hour')`
  }
  let sent = 0
  await runWith(t, async () => { sent++ })
  await eventually(async () => (await rows()).length === 0, 'the outbox to be empty')
  t.equal(sent, 0)
  const events = await sql`select detail from audit.events where action = 'auth.mail.given-up' and target in (${a}, ${b})`
  t.equal(events.length, 2)
})

t.test('what a server will not take is tried for an hour, since it may be the server that is wrong, and then given up and said so', async t => {
  let tries = 0
  const refuse: Deliver = async () => {
    tries++
    throw new NotTaken('RCPT TO, answered 550', true)
  }
  await enqueue(mail)
  const id = (await rows())[0]?.id ?? ''
  await runWith(t, refuse)
  await eventually(async () => tries > 1, 'another try', 10)
  t.equal((await rows()).length, 1)
  await sql`update auth.outbox set created_at = now() - interval '61 minutes' where person_id = ${person}`
  await eventually(async () => (await rows()).length === 0, 'the outbox to be empty', 10)
  t.match(await sql`select outcome, detail from audit.events where action = 'auth.mail.given-up' and target = ${id}`, [{ outcome: 'failure', detail: { reason: 'refused by the mail server' } }])
})

t.test('what a server refuses for now is not given up after that hour', async t => {
  let tries = 0
  await enqueue(mail)
  await sql`update auth.outbox set created_at = now() - interval '2 days' where person_id = ${person}`
  await runWith(t, async () => { if (++tries < 3) throw new NotTaken('RCPT TO, answered 451') })
  await eventually(async () => (await rows()).length === 0, 'the outbox to be empty', 10)
  t.equal(tries, 3)
})

t.test('a message that was delivered, and whose row could not be removed, is not sent once more', async t => {
  let sent = 0
  let failures = 0
  await enqueue(mail)
  const failing = {
    ...database,
    async inScope (scope: Scope, work: (sql: Sql) => Promise<unknown>) {
      // The third question of a message is its removal.
      if (sent > 0 && failures++ < 2) throw new Error('PostgreSQL is away')
      return await inScope(scope, work)
    }
  } as unknown as Database
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  const mailer = createMailer({ database: failing, key, deliver: async () => { sent++ }, log: pino({ level: 'silent' }) })
  await eventually(async () => {
    await mailer.run(AbortSignal.any([stop.signal, AbortSignal.timeout(200)])).catch(() => {})
    return (await rows()).length === 0
  }, 'the outbox to be empty', 10)
  t.equal(sent, 1)
})

t.test('a message older than three days is not sent', async t => {
  await enqueue(mail)
  await sql`update auth.outbox set created_at = now() - interval '73 hours' where person_id = ${person}`
  let sent = 0
  await runWith(t, async () => { sent++ })
  await eventually(async () => (await rows()).length === 0, 'the outbox to be empty')
  t.equal(sent, 0)
})

t.test('what one worker holds no other gets before its lease has ended', async t => {
  const owner = crypto.randomUUID()
  const claimed: string[] = []
  // Undone at the end, and seen by nobody else: these are the oldest messages there are.
  await sql.begin(async transaction => {
    await transaction`insert into auth.outbox (person_id, sealed, due_at) select ${owner}, ${randomBytes(64)}, now() - interval '1 year' from generate_series(1, 9)`
    for (let worker = 0; worker < 3; worker++) {
      const rows = await transaction<Array<{ id: string, person: string }>>`select mail_id as id, person_id as person from auth.claim_mail(3, 60)`
      claimed.push(...rows.filter(row => row.person === owner).map(row => row.id))
    }
    throw new Error('undone')
  }).catch((error: Error) => { if (error.message !== 'undone') throw error })
  t.equal(claimed.length, 9)
  t.equal(new Set(claimed).size, 9)
})

t.test('a worker that hangs over what it has taken keeps no other waiting', async t => {
  const owner = crypto.randomUUID()
  const claim = (sql: Sql) => sql<Array<{ person: string }>>`select person_id as person from auth.claim_mail(3, 60)`
  await sql.begin(async hanging => {
    // The running mailer may be quicker, which gives up what it cannot open: then once more.
    await eventually(async () => {
      await sql`insert into auth.outbox (person_id, sealed, due_at) select ${owner}, ${randomBytes(64)}, now() - interval '1 year' from generate_series(1, 3)`
      return (await claim(hanging)).some(({ person }) => person === owner)
    }, 'messages for the one that hangs')
    await sql.begin(async other => {
      await other`set local lock_timeout = '3s'`
      t.notOk((await claim(other)).some(({ person }) => person === owner))
      throw new Error('undone')
    }).catch((error: Error) => t.equal(error.message, 'undone'))
  })
  await sql`delete from auth.outbox where person_id = ${owner}`
})
