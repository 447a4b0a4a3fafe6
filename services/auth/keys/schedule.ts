import { tokenLifetime, clockTolerance } from '#shared/tokens'
import type { Config } from '../config.ts'
import type { Key, KeyKind, RingName } from './entries.ts'

/** All in milliseconds. */
export interface Rules {
  /** A key in use is followed by a new one after this long. */
  rotateAfter: number
  /** A new key is known for this long before it is used. */
  lead: number
  /** An old one stays for this long after it was used last. */
  keep: number
  /** And for this long after the last replica has learned that it is not used any more. */
  grace: number
}

/** Replicas must have had a new key for so long before one of them uses it: what verifies asks again for an unknown key at most every two seconds. */
const settled = 3_000
const day = 24 * 60 * 60_000

export function rulesOf (config: Config): Record<RingName, Rules> {
  const lead = config.KEY_LEAD_SECONDS * 1_000
  const tokenLife = (tokenLifetime + 2 * clockTolerance) * 1_000
  return {
    signing: { rotateAfter: config.SIGNING_KEY_DAYS * day, lead, keep: tokenLife, grace: tokenLife },
    // A cookie is worth something as long as its session, whichever key it lies under.
    cookie: { rotateAfter: config.COOKIE_KEY_DAYS * day, lead, keep: (config.SESSION_ABSOLUTE_SECONDS + clockTolerance) * 1_000, grace: settled }
  }
}

export type Step = 'added' | 'promoted' | 'removed'

export interface Moment {
  now: Date
  /** Milliseconds for which every replica has had these very keys; negative when one has not. */
  heldFor: number
}

export interface Advanced<K extends Key> { keys: K[], steps: Array<{ step: Step, id: string }> }

const age = ({ since }: Key, now: Date): number => now.getTime() - since.getTime()

/** What the clock asks for: a new key when the one in use is old enough, its use when everyone knows it, the end of an old one when nothing of it is about. */
export function advance<K extends Key> (keys: K[], kind: KeyKind<K>, rules: Rules, { now, heldFor }: Moment): Advanced<K> {
  const steps: Advanced<K>['steps'] = []
  const step = (name: Step, { id }: Key) => { steps.push({ step: name, id }) }
  let rest = keys

  const gone = rest.filter(key => key.state === 'retired' && age(key, now) >= rules.keep && heldFor >= rules.grace)
  for (const key of gone) step('removed', key)
  rest = rest.filter(key => !gone.includes(key))

  const next = rest.find(key => key.state === 'next')
  if (next !== undefined && age(next, now) >= rules.lead && heldFor >= settled) {
    rest = rest.map(key => key === next ? { ...key, state: 'current', since: now } : key.state === 'current' ? kind.retire(key, now) : key)
    step('promoted', next)
  }

  const current = rest.find(key => key.state === 'current')
  if (next === undefined && current !== undefined && age(current, now) >= rules.rotateAfter) {
    const made = kind.make('next', now)
    rest = [...rest, made]
    step('added', made)
  }
  return { keys: rest, steps }
}

/** A rotation by command: the same, without waiting for the clock. One that is under way already is left to it. */
export function begin<K extends Key> (keys: K[], kind: KeyKind<K>, now: Date): Advanced<K> {
  if (keys.some(({ state }) => state === 'next')) return { keys, steps: [] }
  const made = kind.make('next', now)
  return { keys: [...keys, made], steps: [{ step: 'added', id: made.id }] }
}

/** After a theft: all of them lay in one place, so all of them go at once. */
export const replace = <K extends Key>(kind: KeyKind<K>, now: Date): K[] => [kind.make('current', now)]
