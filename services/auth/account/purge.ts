import type { FastifyInstance } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { tokenOf, type Taken } from '../connect/stored.ts'
import { accountErasedMail } from './mails.ts'
import { auditEverywhere } from './audit-everywhere.ts'
import { claimErasures, emailOfPerson, eraseAccount, postponeErasure, recordErasure, type Erasure } from './deletion.ts'
import { callHolder, holders } from './services.ts'

/** Milliseconds between two looks, and seconds: until another replica takes over, and until the next attempt at most. */
const every = 5_000
const lease = 300
const longestPause = 3_600
/** Milliseconds that a service has: it deletes conversations row by row. */
const patience = 60_000

/**
 * Erases the people whose 30 days are over: first what the other services hold, each until it has answered, then what is here, then their row. A service that is
 * down holds up this person and nobody else; it is asked again, with growing pauses, and who has answered is not asked twice. Any number of replicas may run it.
 */
export async function eraseAccounts (app: FastifyInstance, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const due = await app.database.resolve(sql => claimErasures(sql, 5, lease))
    for (const erasure of due) {
      // One that cannot be finished must not hold up the others; it is due again when its lease is over.
      await erase(app, erasure, signal).catch((error: unknown) => app.log.error({ event: 'auth.account.erasure-failed', person: erasure.person, err: error }, 'a person could not be erased'))
    }
    if (due.length === 0) await delay(every, undefined, { signal }).catch(() => {})
  }
}

async function erase (app: FastifyInstance, { person, erasedBy, attempts }: Erasure, signal: AbortSignal): Promise<void> {
  const open = holders.filter(holder => !erasedBy.includes(holder))
  const answers = await Promise.allSettled(open.map(async holder => {
    if (holder === 'secrets') await endCloudGrants(app, person, signal)
    await callHolder(app, holder, 'person:erase', { method: 'POST', path: `/internal/people/${person}/erase`, timeout: patience, signal })
    await app.database.resolve(sql => recordErasure(sql, person, holder))
  }))
  const waitsFor = open.filter((_, index) => answers[index]?.status === 'rejected')
  if (waitsFor.length > 0) {
    const pause = Math.min(2 ** attempts, longestPause)
    app.log.warn({ event: 'auth.account.erasure-waits', person, services: waitsFor, pause }, 'a person could not be erased everywhere and is tried again')
    await app.database.resolve(sql => postponeErasure(sql, person, pause))
    return
  }
  await eraseHere(app, person)
}

/** What the person allowed at a cloud ends there, as well as it can be said: a provider that is down, or that is no longer set up here, keeps nobody from being erased. */
async function endCloudGrants (app: FastifyInstance, person: string, signal: AbortSignal): Promise<void> {
  const { taken } = await callHolder<{ taken: Array<Pick<Taken, 'values'> & { provider: string }> }>(app, 'secrets', 'person:erase', {
    method: 'POST', path: `/internal/people/${person}/cloud-connections/take`, timeout: patience, signal
  })
  for (const { provider, values } of taken) {
    const client = await app.auth.clouds.client(provider).catch(() => null)
    if (await client?.revoke(tokenOf({ values }, client.cloud), 'grant') === true) continue
    app.log.warn({ event: 'auth.account.grant-not-revoked', person, provider }, 'what an erased person allowed at a cloud could not be ended there')
  }
}

async function eraseHere (app: FastifyInstance, person: string): Promise<void> {
  const { mailer, config } = app.auth
  const erased = await app.database.inScope({ organisation: null, person }, async sql => {
    const [known] = await emailOfPerson(sql, person)
    if (known === undefined) return false
    await auditEverywhere(sql, person, { action: 'auth.account.erased', target: person })
    const [answer] = await eraseAccount(sql, known.email)
    if (answer?.erased !== true) throw new Error('The person is not due')
    await mailer.enqueue(sql, person, accountErasedMail(config.PUBLIC_URL, known.email))
    return true
  })
  if (!erased) return
  mailer.wake()
  app.log.warn({ event: 'auth.account.erased', person }, 'a person is gone for good')
}
