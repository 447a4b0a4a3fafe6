import type { FastifyInstance } from 'fastify'
import { Problem } from '#shared/errors'
import type { Config } from '../config.ts'
import { cookieKeys, signingKeys, type Key, type KeyEntry, type KeyKind, type RingName } from './entries.ts'
import { keysHeldFor } from './holders.ts'
import type { KeyMetrics } from './metrics.ts'
import { createKeyReplica, isRecent, ringNames, type Cause, type KeyEvent } from './replica.ts'
import { advance, begin, replace, rulesOf, type Advanced } from './schedule.ts'

const byClock: Cause = { by: 'schedule', requestId: '' }

/** A ring's keys are its kind's; that the two belong together no type can say of a name that is only known at run time. */
const kinds = { signing: signingKeys, cookie: cookieKeys } as unknown as Record<RingName, KeyKind<Key>>

export type Keys = Awaited<ReturnType<typeof openKeys>>

/** The keys of auth: read once before anything is served, and from then on moved by the clock, by command, and by what other replicas do. */
export async function openKeys (app: FastifyInstance, config: Config, metrics: KeyMetrics) {
  const replica = createKeyReplica(app, metrics)
  const { held } = replica
  const rules = rulesOf(config)
  let turn: Promise<unknown> = Promise.resolve()

  /** Reading and writing take turns: an answer from before a write must not overwrite what was written. */
  function inTurn<T> (work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work, work)
    turn = mine.catch(() => {})
    return mine
  }

  /** What a command wants it gets, whoever else changes the keys at the same moment. */
  const insist = <T>(work: () => Promise<T>): Promise<T> => inTurn(async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        await replica.read()
        return await work()
      } catch (error) {
        if (attempt === 5 || !(error instanceof Problem && error.code === 'conflict')) throw error
      }
    }
  })

  /** Both rings at once: each write begins the wait for the other replicas anew. */
  function dueAt (heldFor: number): { changes: Partial<KeyEntry>, events: KeyEvent[] } {
    const moment = { now: new Date(), heldFor }
    const signing = advance(held.entry().signing, signingKeys, rules.signing, moment)
    const cookie = advance(held.entry().cookie, cookieKeys, rules.cookie, moment)
    return {
      changes: { ...signing.steps.length === 0 ? {} : { signing: signing.keys }, ...cookie.steps.length === 0 ? {} : { cookie: cookie.keys } },
      events: [...eventsOf('signing', signing.steps), ...eventsOf('cookie', cookie.steps)]
    }
  }

  await inTurn(replica.read)
  return {
    held,
    report: replica.report,
    leave: replica.leave,
    hear: replica.hear,
    isBehind: replica.isBehind,
    read: () => inTurn(replica.read),

    /** What the clock asks for. Any number of replicas may ask at once. */
    step: () => inTurn(async () => {
      await replica.tellWithdrawn()
      if (replica.isOld()) await replica.write(held.entry(), ringNames.map(ring => ({ action: 'auth.keys.upgraded', target: '', ring })), byClock)
      // Without asking PostgreSQL, as nearly always nothing is due.
      if (dueAt(Infinity).events.length === 0) return
      const [row] = await app.database.resolve(sql => keysHeldFor(sql, held.version()))
      const { changes, events } = dueAt((row?.seconds ?? -1) * 1_000)
      if (events.length > 0) await replica.write(changes, events, byClock)
    }),

    /** Begins a rotation; answers when the new key is used at the earliest. */
    rotate: (ring: RingName, cause: Cause) => insist(async () => {
      const begun = begin(held.entry()[ring] as Key[], kinds[ring], new Date())
      if (begun.steps.length > 0) await replica.write({ [ring]: begun.keys }, eventsOf(ring, begun.steps), cause)
      const next = begun.keys.find(({ state }) => state === 'next') as Key
      return { isNew: begun.steps.length > 0, usedFrom: new Date(next.since.getTime() + rules[ring].lead) }
    }),

    /** Takes all keys of a ring away at once, for one that nobody else has had. */
    withdraw: (ring: RingName, cause: Cause) => insist(async () => {
      const now = new Date()
      const stolen = held.entry()[ring].map(({ id }) => ({ ring, id, at: now }))
      const withdrawn = [...held.entry().withdrawn.filter(isRecent), ...stolen]
      await replica.write({ [ring]: replace(kinds[ring], now), withdrawn }, stolen.map(({ id }) => ({ action: 'auth.key.withdrawn', target: id, ring })), cause)
    })
  }
}

const eventsOf = (ring: RingName, steps: Advanced<Key>['steps']): KeyEvent[] => steps.map(({ step, id }) => ({ action: `auth.key.${step}`, target: id, ring }))
