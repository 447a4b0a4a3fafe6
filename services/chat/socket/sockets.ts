/** The open sockets of this process: how many a person has, and the rounds that end those that must end. */
import { LRUCache } from 'lru-cache'
import type { Revocation, Revocations } from '#shared/revocations'
import { isEndedBy, type Speaker } from '../speaker.ts'
import type { Connection } from './connection.ts'

export const HEARTBEAT_SECONDS = 25
const MAX_PER_PERSON = 10
const ROUND_MS = 1_000
/** Longer than any token lives, so that none that was revoked before its upgrade can still begin one. */
const REMEMBERED_MS = 120_000
const STALE_MS = 30_000

export type Sockets = ReturnType<typeof createSockets>

export function createSockets (revocations: Revocations) {
  const open = new Set<Connection>()
  const perPerson = new Map<string, number>()
  const revoked = new LRUCache<string, Revocation>({ max: 10_000, ttl: REMEMBERED_MS })
  let rounds = 0

  const forget = revocations.onRevoked(revocation => {
    revoked.set(`${revocation.kind} ${revocation.id}`, revocation)
    for (const connection of open) if (isEndedBy(connection.speaker, revocation)) connection.close(reasonOf(revocation))
  })

  const timer = setInterval(() => {
    const now = Date.now()
    const stale = revocations.silence() > STALE_MS
    const beat = ++rounds % HEARTBEAT_SECONDS === 0
    for (const connection of open) {
      if (stale) connection.close('stale')
      else if (connection.expires <= now) connection.close('tooOld')
      else if (beat) connection.beat()
    }
  }, ROUND_MS).unref()

  function count (person: string, change: 1 | -1) {
    const next = (perPerson.get(person) ?? 0) + change
    if (next === 0) perPerson.delete(person)
    else perPerson.set(person, next)
  }

  return {
    hasRoomFor: (person: string) => (perPerson.get(person) ?? 0) < MAX_PER_PERSON,
    size: () => open.size,

    /** A session may have ended while its upgrade was on the way: such a socket is closed at once. */
    add (connection: Connection, onClose: (listener: () => void) => void) {
      const { speaker } = connection
      if (!this.hasRoomFor(speaker.person)) return connection.close('tooMany')
      const ended = revocationOf(speaker)
      if (ended !== undefined) return connection.close(reasonOf(ended))
      open.add(connection)
      count(speaker.person, 1)
      onClose(() => {
        if (open.delete(connection)) count(speaker.person, -1)
      })
    },

    closeAll (why: 'restart') {
      clearInterval(timer)
      forget()
      for (const connection of open) connection.close(why)
    }
  }

  function revocationOf (speaker: Speaker): Revocation | undefined {
    for (const revocation of revoked.values()) if (isEndedBy(speaker, revocation)) return revocation
    return undefined
  }
}

/** A delegation that ends alone (with the key of the token that it was got with) ends no session: the person comes back at once. */
const reasonOf = ({ kind }: Revocation) => kind === 'delegation' ? 'tooOld' : 'revoked'
