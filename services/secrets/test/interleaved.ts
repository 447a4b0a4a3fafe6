import type { Redis } from 'ioredis'
import { randomBytes, randomUUID } from 'node:crypto'
import { Problem } from '#shared/errors'
import type { Database, Sql } from '#shared/database'
import { createAuditedRead } from '../audited-read.ts'
import { createCacheKeys } from '../cache/cache-key.ts'
import { createCache, type Pointer, type SecretCache } from '../cache/cache.ts'
import { createKeeper } from '../keeping.ts'
import { createReader } from '../reading.ts'
import { parseReference, pathOf, referenceOf } from '../reference.ts'
import type { Slot, SlotRow } from '../slots.ts'
import { VaultFailure } from '../vault/failure.ts'
import type { Kv } from '../vault/kv.ts'

/** What a writer, a reader or the cache does, at one of two replicas, to one of two secrets. */
export interface Step { kind: 'read' | 'write' | 'interrupted write' | 'remove' | 'lose the cache', replica: number, secret: number }

/** A plant: the cache as somebody might have written it. */
export type Plant = (cache: SecretCache) => SecretCache

const place = { mount: 'aurora', base: 'test' }
const scope = { organisation: randomUUID(), person: randomUUID() }
const secrets = ([0, 1] as const).map(() => referenceOf(place, { kind: 'connection', organisation: scope.organisation, person: randomUUID(), provider: 'openai' }))
const log = { error () {}, warn () {} } as never

/**
 * Two replicas of what reads, caches and writes secrets (the real code), in a world whose every question and every answer waits until chance picks it: PostgreSQL
 * with row locks and commits, Vault with versions and check-and-set, Redis.
 */
export function interleavedWorld (random: () => number, plant: Plant = cache => cache) {
  const waiting: Array<() => void> = []
  /** Goes on when chance lets it. */
  const hop = () => new Promise<void>(resolve => waiting.push(resolve))
  const pick = <T>(from: T[]): T => from.splice(Math.floor(random() * from.length), 1)[0] as T

  /** A question that is under way, has its effect, and an answer that is under way. */
  async function over<T> (effect: () => T): Promise<T> {
    await hop()
    const happened = Promise.try(effect)
    await settled(() => happened)
    await hop()
    return await happened
  }

  const vault = new Map<string, string[]>()
  const kv: Kv = {
    read: (path, version) => over(() => {
      const versions = vault.get(path)
      const value = versions?.[(version ?? versions.length) - 1]
      if (value === undefined || version === undefined) throw new VaultFailure('absent')
      return { version, values: { apiKey: value } }
    }),
    write: (path, values, cas) => over(() => {
      const versions = vault.get(path) ?? []
      if (versions.length !== cas) throw new VaultFailure('conflict')
      vault.set(path, [...versions, values['apiKey'] ?? ''])
      return versions.length + 1
    }),
    latest: path => over(() => vault.get(path)?.length ?? 0),
    destroy: path => over(() => { vault.delete(path) })
  }

  const entries = new Map<string, Buffer | string>()
  const redis = {
    get: (name: string) => over(() => entries.get(name) ?? null),
    getBuffer: (name: string) => over(() => entries.get(name) ?? null),
    set: (name: string, value: Buffer | string, _ex: string, _seconds: number, nx?: string) => over(() => {
      if (nx === 'NX' && entries.has(name)) return null
      entries.set(name, value)
      return 'OK'
    }),
    unlink: (name: string) => over(() => { entries.delete(name) })
  } as unknown as Redis
  const wrapped = new Map<string, Buffer>()
  const transit = {
    dataKey: () => over(() => {
      const [name, plain] = [randomUUID(), randomBytes(32)]
      wrapped.set(name, plain)
      return { wrapped: name, plain }
    }),
    decrypt: (_: string, name: string) => over(() => wrapped.get(name) as Buffer)
  }

  const rows = new Map<string, SlotRow>()
  /** What each commit of a row made true, in their order: its value, or that there is none. */
  const truth = new Map<string, Array<string | null>>(secrets.map(reference => [reference, [null]]))
  const locks = new Map<string, Promise<unknown>>()

  interface Transaction { staged: Map<string, SlotRow | null>, unlock: Array<() => void>, failing: boolean }
  const transactions = new WeakMap<Sql, Transaction>()
  const failing = new Set<string>()

  const inScope = async <T>(_: unknown, work: (sql: Sql) => PromiseLike<T>): Promise<T> => {
    const sql = Object.assign(() => hop().then(() => []), { json: (value: unknown) => value }) as unknown as Sql
    const transaction: Transaction = { staged: new Map(), unlock: [], failing: false }
    transactions.set(sql, transaction)
    try {
      const value = await work(sql)
      await hop()
      if (transaction.failing) throw new Error('the connection was lost')
      for (const [reference, row] of transaction.staged) commit(reference, row)
      await hop()
      return value
    } finally {
      for (const unlock of transaction.unlock) unlock()
    }
  }
  const database = { inScope } as unknown as Database

  function commit (reference: string, row: SlotRow | null) {
    if (row === null) rows.delete(reference)
    else rows.set(reference, row)
    const owner = parseReference(place, reference)
    const value = row?.status === 'active' && owner !== null ? vault.get(pathOf(place, owner))?.[row.version - 1] ?? null : null
    truth.get(reference)?.push(value)
  }

  async function lockRow (sql: Sql, reference: string): Promise<SlotRow | undefined> {
    const transaction = transactions.get(sql) as Transaction
    const before = locks.get(reference)
    let unlock = () => {}
    locks.set(reference, new Promise<void>(resolve => { unlock = resolve }))
    transaction.unlock.push(unlock)
    await before
    await hop()
    return rows.get(reference)
  }

  function slotOf (reference: string): Slot<SlotRow> {
    const stage = (sql: Sql, row: SlotRow | null) => {
      const transaction = transactions.get(sql) as Transaction
      transaction.staged.set(reference, row)
      return transaction
    }
    const fresh = (row: SlotRow, change: Partial<SlotRow>): SlotRow => ({ ...row, ...change, generation: randomUUID() })
    return {
      lock: async sql => await lockRow(sql, reference) ?? { id: reference, reference, version: 0, generation: randomUUID(), status: 'active' },
      lockExisting: sql => lockRow(sql, reference),
      async save (sql, row, version) {
        const saved = fresh(row, { version, status: 'active' })
        const transaction = stage(sql, saved)
        const owner = parseReference(place, reference)
        const value = owner === null ? '' : vault.get(pathOf(place, owner))?.[version - 1] ?? ''
        transaction.failing = failing.has(value)
        return saved
      },
      async markDeleting (sql, row) { stage(sql, fresh(row, { status: 'deleting' })) },
      async remove (sql) { stage(sql, null) },
      event: verb => ({ action: `connection.${verb}` })
    }
  }

  const replicas = [0, 1].map(() => {
    const cache = plant(createCache({ redis, keys: createCacheKeys(redis, transit), ttl: 3600, onOutcome: outcome => outcomes.add(outcome) }))
    return { keeper: createKeeper({ database, kv, cache, place }), auditedRead: createAuditedRead(database, createReader(kv, cache, place)) }
  })
  const outcomes = new Set<string>()
  const attempts = new Map(secrets.map(reference => [reference, new Set<string>()]))
  let written = 0

  async function read (reference: string, replica: number): Promise<string | null> {
    const states = truth.get(reference) as Array<string | null>
    const answered = floors.get(reference) ?? 0
    const find = async (): Promise<Array<(SlotRow & Pointer) | { id: null }>> => {
      await hop()
      const row = rows.get(reference)
      return [row === undefined || row.status === 'deleting' || row.version === 0 ? { id: null } : row]
    }
    const [done, seen] = await settled(() => (replicas[replica] as typeof replicas[number]).auditedRead({ scope, event: { action: 'credential.read' }, find, log }))
    if (!done) {
      if (!(seen instanceof Problem)) return `an error that is no answer: ${String(seen)}`
      // Unavailable is no wrong answer. "Not there" is one, unless it was so at some moment since.
      return seen.status === 404 && !states.slice(answered).includes(null) ? 'not there, and it was there all the time' : null
    }
    const value = (seen as { values: { apiKey?: string } }).values.apiKey ?? ''
    const when = states.lastIndexOf(value)
    const tried = attempts.get(reference) as Set<string>
    // Vault counts from one again after a removal: whoever had read the row of the life before may get the first version of the next before it is committed. It is the same
    // owner's, and newer.
    if (when === -1) return tried.has(value) && states.slice(answered).includes(null) ? null : `${value} is not of this secret`
    return when < answered ? `${value} is stale: state ${when}, and ${answered} was answered before the read began` : null
  }

  /** The last state that somebody was told is true. */
  const floors = new Map<string, number>()
  const answeredNow = (reference: string, value: string | null) => {
    const when = (truth.get(reference) as Array<string | null>).lastIndexOf(value)
    floors.set(reference, Math.max(when, floors.get(reference) ?? 0))
  }

  async function stepOf ({ kind, replica, secret }: Step): Promise<string | null> {
    const reference = secrets[secret] as string
    const { keeper } = replicas[replica] as typeof replicas[number]
    if (kind === 'read') return await read(reference, replica)
    if (kind === 'lose the cache') {
      await hop()
      entries.clear()
      return null
    }
    if (kind === 'remove') {
      const [done] = await settled(() => keeper.remove(scope, slotOf(reference), ''))
      if (done) answeredNow(reference, null)
      return null
    }
    const value = `value ${++written}`
    attempts.get(reference)?.add(value)
    if (kind === 'interrupted write') failing.add(value)
    const [done] = await settled(() => keeper.put(scope, slotOf(reference), { apiKey: value }, { requestId: '' }))
    if (done) answeredNow(reference, value)
    return done && kind === 'interrupted write' ? 'a write whose commit was lost was acknowledged' : null
  }

  /** The lanes at once, the steps of each one after the other. Answers what was wrong. */
  async function run (lanes: Step[][]): Promise<string[]> {
    const wrong: string[] = []
    const running = new Set(lanes)
    for (const lane of lanes) {
      (async () => {
        for (const step of lane) {
          const found = await stepOf(step)
          if (found !== null) wrong.push(`${step.kind} at replica ${step.replica}: ${found}`)
        }
      })().catch((error: unknown) => wrong.push(String(error))).finally(() => running.delete(lane))
    }
    while (running.size > 0) {
      await new Promise(setImmediate)
      if (running.size === 0) break
      if (waiting.length === 0) return [...wrong, 'everybody waits for somebody else']
      pick(waiting)()
    }
    return wrong
  }

  return { run, outcomes }
}

async function settled<T> (work: () => Promise<T>): Promise<[true, T] | [false, unknown]> {
  return await work().then((value): [true, T] => [true, value], (error: unknown): [false, unknown] => [false, error])
}
