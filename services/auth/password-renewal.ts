import type { FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import type { Sql } from '#shared/database'
import type { Hashing } from './hashing.ts'
import { formOf, isOutdated } from './password-hashes.ts'
import { normalPassword } from './passwords.ts'
import { replaceHash } from './people.ts'

export interface Renewal { from: string, to: string }

/**
 * An outdated hash is made anew when its password is there, which is at a login and never else. It is no reason to refuse one: when the queue is full, the next
 * login does it. `hash` is what `password`, as it was typed, has just been found to match.
 */
export async function renewalOf (hashing: Hashing, hash: string, password: string, log: FastifyRequest['log']): Promise<Renewal | null> {
  // bcrypt looks at 72 bytes. What stands behind them may be a slip of the finger, which would become a part of the password.
  const unseen = formOf(hash)?.scheme === 'bcrypt' && Buffer.byteLength(password) > 72
  if (!isOutdated(hash) || unseen) return null
  try {
    return { from: hash, to: await hashing.hash(normalPassword(password)) }
  } catch (error) {
    log.warn({ event: 'auth.password.renewal_put_off', err: error }, 'an outdated hash stays until the next login')
    return null
  }
}

/** In the transaction of the login. A password that was changed in the meantime stays. */
export async function renew (sql: Sql, person: string, { from, to }: Renewal, requestId: string): Promise<void> {
  const [replaced] = await replaceHash(sql, person, from, to)
  if (replaced === undefined) return
  await audit(sql, { action: 'auth.password.renewed', target: person, detail: { was: formOf(from)?.scheme ?? 'unknown' }, requestId })
}
