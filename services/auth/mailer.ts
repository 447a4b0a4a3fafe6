import type { FastifyBaseLogger } from 'fastify'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { audit } from '#shared/audit'
import type { Database, Scope, Sql } from '#shared/database'
import type { Metrics } from '#shared/metrics'
import { seal, unseal } from '#shared/sealed'
import type { Mail } from './mailbox.ts'
import { NotTaken } from './not-taken.ts'
import { addMail, claimMail, mailById, postponeMail, removeMail, type ClaimedMail } from './outbox.ts'

/** Hands a message over for good, or throws. The id is the same at each attempt. */
export type Deliver = (mail: Mail, id: string) => Promise<void>

export interface Mailer {
  /**
   * Writes a message in the running transaction of its person; call `wake` after the commit. Null costs the same and is sent to nobody: so that an
   * address without an account is as much work as one with.
   */
  enqueue: (sql: Sql, person: string, mail: Mail | null) => Promise<void>
  /** There is something to send. */
  wake: () => void
  /** Sends until the signal. Any number of replicas may run it. */
  run: (signal: AbortSignal) => Promise<void>
}

interface MailerOptions {
  database: Database
  /** 32 bytes. */
  key: Buffer
  deliver: Deliver
  log: FastifyBaseLogger
  metrics?: Pick<Metrics, 'mails'>
}

/** Messages that are sent at once, and seconds that nobody else tries them. Longer than a delivery may take. */
const most = 10
const lease = 60
/** Milliseconds between two looks at the outbox when nobody wakes the mailer. */
const every = 1_000
/** Seconds after which a message is given up: three days of a mail server that is down lose no word of what happened to an account. */
const longest = 3 * 24 * 3600
/** The same for one that the server will not take. Not at once: what refuses all of them may be a setting of the server's that is wrong for an hour. */
const longestRefused = 3600
/** Seconds until the next attempt, at most. */
const longestPause = 900

/**
 * Sends what the outbox holds, at least once: a mailer that dies between a server's answer and its own note sends the message again, under the
 * same Message-ID. Nothing that a request does waits for a mail server.
 */
export function createMailer ({ database, key, deliver, log, metrics }: MailerOptions): Mailer {
  let wake = () => {}
  /** Delivered, and still to be removed: PostgreSQL did not answer. It is not sent once more for that. */
  const delivered = new Set<string>()

  async function send ({ id, person, attempts }: ClaimedMail): Promise<void> {
    const scope: Scope = { organisation: null, person }
    const [row] = await database.inScope(scope, sql => mailById(sql, id))
    if (row === undefined) return
    const plain = unseal(key, row.sealed, contextOf(id))
    if (plain === null || row.ageSeconds > longest) return await giveUp(scope, id, plain === null ? 'unreadable' : 'too old')
    const mail = JSON.parse(plain.toString()) as Mail | null
    try {
      if (mail !== null && !delivered.has(id)) await deliver(mail, id)
    } catch (error) {
      if (error instanceof NotTaken && error.permanent && row.ageSeconds > longestRefused) return await giveUp(scope, id, 'refused by the mail server')
      // Give or take a fifth, so that a server which comes back is not met by all of them at once.
      const pause = Math.min(2 ** attempts, longestPause) * (0.8 + 0.4 * Math.random())
      log.warn({ event: 'mail.failed', mail: id, attempts, pause, err: error }, 'a message could not be sent and is tried again')
      metrics?.mails.inc({ outcome: 'failed' })
      await database.inScope(scope, sql => postponeMail(sql, id, pause))
      return
    }
    delivered.add(id)
    await database.inScope(scope, sql => removeMail(sql, id))
    delivered.delete(id)
    if (mail !== null) metrics?.mails.inc({ outcome: 'sent' })
  }

  async function giveUp (scope: Scope, id: string, reason: string): Promise<void> {
    metrics?.mails.inc({ outcome: 'given-up' })
    log.error({ event: 'mail.given-up', mail: id, reason }, 'a message is not sent any more')
    await database.inScope(scope, async sql => {
      await removeMail(sql, id)
      await audit(sql, { action: 'auth.mail.given-up', target: id, outcome: 'failure', detail: { reason } })
    })
  }

  return {
    async enqueue (sql, person, mail) {
      const id = randomUUID()
      await addMail(sql, id, person, seal(key, Buffer.from(JSON.stringify(mail)), contextOf(id)))
    },
    wake: () => wake(),
    async run (signal) {
      while (!signal.aborted) {
        const woken = new AbortController()
        wake = () => woken.abort()
        const claimed = await database.resolve(sql => claimMail(sql, most, lease))
        await Promise.all(claimed.map(send))
        if (claimed.length === 0) await delay(every, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {})
      }
    }
  }
}

const contextOf = (id: string) => `auth.outbox|${id}`
