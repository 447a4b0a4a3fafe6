import type { FastifyBaseLogger } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { audit } from '#shared/audit'
import type { Database, Scope } from '#shared/database'
import { Problem } from '#shared/errors'
import { revokeAt, tokenIn, type Grant, type RegisteredCloud } from '../../auth/client.ts'
import { connectionById, type ConnectionRow } from '../connections.ts'
import type { Keeper } from '../keeping.ts'
import { cloudProviders } from '../providers/clouds.ts'
import { factsOf, type Provider, type Values } from '../providers/provider.ts'
import { parseReference, pathOf, type Place } from '../reference.ts'
import { connectionSlotById, type Slot } from '../slots.ts'
import type { Kv } from '../vault/kv.ts'
import { breakConnection, claimRefreshes, keepClaim, noteAsking, postponeRefresh, settleRefresh, type Due, type Fence } from './due.ts'
import { askToRenew } from './provider.ts'

/**
 * Renews the tokens of clouds five to six minutes before they end; any number of replicas may run it. One of them claims a row by a lease in PostgreSQL. The lease
 * is not what keeps two apart: a worker that was stopped for an hour still believes in its own. Two fences do. It asks the provider only while the row bears
 * the number of its claim; and it writes by check-and-set on the version that it read, in the row and in Vault, so that an older result never replaces a newer.
 *
 * The new access token and the new refresh token are one version of one secret, and readers get what the row names: nobody can use the one before the other
 * is stored.
 *
 * What a crash leaves: before the answer, a claim that ends. After the answer and before Vault has it, the answer is lost; with a provider that gives the same
 * refresh token for ever nothing else is, and the next attempt renews. One that replaces it will say `invalid_grant` then: the connection is broken, and since
 * the row says that an answer was outstanding, it is broken as `lost`. Between Vault and the commit, a version in Vault that no row names: the next
 * refresher takes it up before it asks for anything. While this process lives and Vault does not take the answer, it is kept here and tried again.
 */
export interface RefresherOptions {
  database: Database
  kv: Kv
  keeper: Keeper
  place: Place
  /** As the operator registered them now. */
  clouds: () => Promise<RegisteredCloud[]>
  /** The hosts that may be private addresses. */
  allowedHosts: readonly string[]
  /** Has the person told that a connection is broken. Somebody who is gone is told. */
  tell: (person: string) => Promise<void>
  log: FastifyBaseLogger
  onOutcome: (outcome: Outcome) => void
}

/** `adopted`: an earlier renewal was taken up. `superseded`: the connection was changed or ended meanwhile. `lost`: an answer that Vault did not take before the end of the process. */
export type Outcome = 'renewed' | 'adopted' | 'broken' | 'told' | 'failed' | 'superseded' | 'lost' | 'settled'

/** At once; seconds of a claim, longer than all but the keeping may take; milliseconds between two looks. */
const most = 8
const lease = 60
const every = 2_000
/** Seconds until the next attempt, at most. */
const longestPause = 300

/** Why an attempt failed, in a word. */
class Postponed extends Error {
  readonly reason: 'unregistered' | 'refused' | 'unknown' | 'behind'
  readonly unanswered: boolean | undefined
  constructor (reason: Postponed['reason'], unanswered?: boolean) {
    super(reason)
    this.reason = reason
    this.unanswered = unanswered
  }
}

interface Work {
  scope: Scope
  fence: Fence
  row: ConnectionRow
}

export function createRefresher ({ database, kv, keeper, place, clouds, allowedHosts, tell, log, onOutcome }: RefresherOptions) {
  async function run (signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await pass(signal) < most) await delay(every, undefined, { signal }).catch(() => {})
    }
  }

  /** Does what is due now. Answers how much it was. */
  async function pass (signal: AbortSignal): Promise<number> {
    const due = await database.resolve(sql => claimRefreshes(sql, most, lease))
    await Promise.all(due.map(each => attend(each, signal)))
    return due.length
  }

  async function attend (due: Due, signal: AbortSignal): Promise<void> {
    const scope = { organisation: due.organisation, person: due.person }
    const [row] = await database.inScope(scope, sql => connectionById(sql, due.id)).catch(() => [])
    if (row === undefined) return
    const work = { scope, row, fence: { id: row.id, version: row.version, attempts: due.attempts } }
    try {
      const outcome = row.broken === null ? await renew(work, signal) : await tellOf(work)
      onOutcome(outcome)
      log.info({ event: 'connection.refresh.done', provider: row.provider, connection: row.id, outcome }, 'a connection was attended to')
    } catch (error) {
      await postpone(work, error)
    }
  }

  async function renew (work: Work, signal: AbortSignal): Promise<Outcome> {
    const { scope, row, fence } = work
    const provider = cloudProviders.find(({ name }) => name === row.provider)
    if (provider === undefined) return await settle(work)
    const { version, values } = await kv.read(pathIn(row))
    if (version < row.version) throw new Postponed('behind')
    if (version > row.version) {
      await keeper.adopt(scope, connectionSlotById(row.id, factsOf(provider, values)), '')
      return 'adopted'
    }
    if ((values.expiresAt ?? '') === '') return await settle(work)
    const cloud = (await clouds()).find(({ name }) => name === row.provider)
    if (cloud === undefined) throw new Postponed('unregistered')
    if ((values.refreshToken ?? '') === '') return await end(work, 'refused')
    if ((await database.inScope(scope, sql => noteAsking(sql, fence))).length === 0) return 'superseded'
    const renewal = await askToRenew(cloud, values, allowedHosts)
    switch (renewal.kind) {
      case 'renewed': return await keep(work, provider, cloud, { ...values, ...valuesOf(renewal.grant, values) }, signal)
      case 'over': return await end(work, row.unanswered ? 'lost' : 'refused')
      // This attempt was answered; whether an earlier one was is not known by that.
      case 'refused': throw new Postponed('refused', row.unanswered)
      case 'unknown': throw new Postponed('unknown', true)
    }
  }

  /** A new refresh token may be the only one that still works: it is held on to until Vault has it, or the process ends. */
  async function keep ({ scope, row, fence }: Work, provider: Provider, cloud: RegisteredCloud, values: Values, signal: AbortSignal): Promise<Outcome> {
    const slot = renewalSlot(row.id, provider, values)
    for (let pause = 500; ; pause = Math.min(pause * 2, 5_000)) {
      try {
        await keeper.put(scope, slot, values, { cas: row.version, requestId: '' })
        return 'renewed'
      } catch (error) {
        if (error instanceof Problem && error.status === 409) return await letGo(scope, row, cloud, values)
        if (signal.aborted) {
          log.error({ event: 'connection.refresh.lost', provider: row.provider, connection: row.id, err: error }, 'this process ends with tokens that could not be stored')
          return 'lost'
        }
        log.error({ event: 'connection.refresh.unsaved', provider: row.provider, connection: row.id, err: error }, 'renewed tokens cannot be stored yet, and are held on to')
        await database.inScope(scope, sql => keepClaim(sql, fence, lease)).catch(() => {})
        await delay(pause, undefined, { signal }).catch(() => {})
      }
    }
  }

  /** Somebody was there meanwhile. What they left stands; ours, when it is not that, is ended at the provider, unless that would end theirs too. */
  async function letGo (scope: Scope, { id, reference }: ConnectionRow, cloud: RegisteredCloud, values: Values): Promise<Outcome> {
    const [present] = await database.inScope(scope, sql => connectionById(sql, id))
    // An earlier try whose answer was lost had stored it.
    if (present !== undefined && (await kv.read(pathIn({ reference }))).values.accessToken === values.accessToken) return 'renewed'
    const token = present !== undefined && cloud.revocation === 'rfc7009' ? null : tokenIn({ access_token: values.accessToken, refresh_token: values.refreshToken }, cloud)
    if (token !== null && !await revokeAt(cloud, token, 'token', allowedHosts)) {
      log.warn({ event: 'connection.refresh.not-revoked', provider: cloud.name, connection: id }, 'a token that is not kept could not be revoked')
    }
    return 'superseded'
  }

  async function end (work: Work, why: 'refused' | 'lost'): Promise<Outcome> {
    const { scope, row, fence } = work
    const isBroken = await database.inScope(scope, async sql => {
      if ((await breakConnection(sql, fence, why)).length === 0) return false
      await audit(sql, { action: 'connection.broken', target: row.provider, outcome: 'failure', detail: { why, version: row.version } })
      return true
    })
    if (!isBroken) return 'superseded'
    log.warn({ event: 'connection.broken', provider: row.provider, connection: row.id, person: scope.person, why }, 'a provider does not renew a connection any more')
    onOutcome('broken')
    return await tellOf(work)
  }

  async function tellOf (work: Work): Promise<Outcome> {
    await tell(work.scope.person ?? '')
    await settle(work)
    return 'told'
  }

  async function settle ({ scope, fence }: Work): Promise<Outcome> {
    await database.inScope(scope, sql => settleRefresh(sql, fence))
    return 'settled'
  }

  async function postpone ({ scope, row, fence }: Work, error: unknown): Promise<void> {
    // Give or take a fifth, so that a provider which comes back is not met by all of them at once.
    const pause = Math.min(2 ** fence.attempts * 5, longestPause) * (0.8 + 0.4 * Math.random())
    const { reason, unanswered = row.unanswered } = error instanceof Postponed ? error : { reason: 'unavailable' }
    onOutcome('failed')
    log.warn({ event: 'connection.refresh.failed', provider: row.provider, connection: row.id, reason, attempts: fence.attempts, ...error instanceof Postponed ? {} : { err: error } }, 'a connection could not be renewed and is tried again')
    await database.inScope(scope, sql => postponeRefresh(sql, fence, pause, unanswered)).catch(() => {})
  }

  function pathIn ({ reference }: Pick<ConnectionRow, 'reference'>): string {
    const owner = parseReference(place, reference)
    if (owner === null) throw new Error('A row holds a reference that is not one of ours')
    return pathOf(place, owner)
  }

  return { run, pass }
}

/** A refresh token that is left out is the one from before. */
const valuesOf = (grant: Grant, { refreshToken = '' }: Values): Values => ({
  accessToken: grant.accessToken,
  refreshToken: grant.refreshToken ?? refreshToken,
  expiresAt: grant.expiresAt?.toISOString() ?? '',
  scopes: grant.scopes.join(' '),
  tokenType: grant.tokenType
})

function renewalSlot (id: string, provider: Provider, values: Values): Slot<ConnectionRow> {
  const slot = connectionSlotById(id, factsOf(provider, values))
  return {
    ...slot,
    event: (verb, row) => ({ ...slot.event(verb, row), ...verb === 'write' ? { action: 'connection.refresh' } : {} })
  }
}
