import type { FastifyInstance, FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { Sql } from '#shared/database'
import { limited, unauthenticated } from '#shared/errors'
import { deviceSecretOf } from './device-cookie.ts'
import { deviceOf } from './devices.ts'
import type { Hashing, Lane } from './hashing.ts'
import { renew, renewalOf } from './password-renewal.ts'
import { normalPassword } from './passwords.ts'
import { keptPassword, personByEmail, signInOf, type SignIn } from './people.ts'
import { hashOf, randomSecret } from './secret-values.ts'
import { attemptKeys, countDevice, countLogin, deviceSucceeded, loginSucceeded, throttleKey } from './throttles.ts'

export interface PasswordAttempt {
  /** Whose account the address is; null when it is nobody's. */
  person: string | null
  /** What a sign-in of this person needs; undefined for nobody and for those who cannot sign in. */
  signIn: SignIn | undefined
  matches: boolean
  /** Names the account in logs, which hold no address. */
  account: string
  /**
   * Takes the attempt back from the counters and makes an outdated hash anew, in the transaction of what it allowed, before anything else there. Throws when
   * the password was changed since it was compared: otherwise whoever knew the old one could be in by a login that was under way.
   */
  succeed: (sql: Sql) => Promise<void>
}

/**
 * One attempt at a password. Known and unknown accounts cost the same steps: three questions of PostgreSQL, one verification (what remains to be told there:
 * hashing.ts). Throttled by counters in PostgreSQL and not in Redis, so that its loss opens nothing and closes nothing.
 *
 * A browser from which this person has signed in before has a lane of its own: its own counter, and its own places in the queue of hashing. Whoever guesses
 * from elsewhere, at whatever rate, neither locks it out nor crowds it out. (OWASP: "Slow Down Online Guessing Attacks with Device Cookies".)
 * Throws `limited` and `unavailable`.
 */
export async function attemptPassword (app: FastifyInstance, request: FastifyRequest, email: string, password: string): Promise<PasswordAttempt> {
  const { hashing } = app.auth
  const keys = attemptKeys(email, request.ip)
  const account = keys.account.toString('hex', 0, 6)
  const [found] = await app.database.resolve(sql => personByEmail(sql, email))
  const person = found?.personId ?? randomUUID()
  const scope = { organisation: null, person }
  const [[device], [signIn]] = await app.database.inScope(scope, async sql => await Promise.all([
    deviceOf(sql, person, hashOf(deviceSecretOf(request) ?? randomSecret())),
    signInOf(sql, person)
  ]))
  const lane = device === undefined ? 'anybody' : 'known'
  const deviceKey = throttleKey('device', device?.id ?? '')
  // Before it is counted: what cannot be tried is no attempt.
  hashing.assertRoom(lane)
  const [counted] = await app.database.resolve(sql => device === undefined ? countLogin(sql, keys) : countDevice(sql, deviceKey))
  if (counted === undefined || counted.wait > 0) {
    app.metrics.logins.inc({ outcome: 'throttled' })
    request.log.warn({ event: 'auth.login.throttled', account, lane }, 'an attempt at a password was throttled')
    throw limited(counted?.wait ?? 1)
  }
  const matches = await isRight(hashing, signIn?.hash, password, lane) && signIn !== undefined
  const renewal = matches ? await renewalOf(hashing, signIn.hash, password, request.log) : null
  return {
    person: found?.personId ?? null,
    signIn,
    matches,
    account,
    async succeed (sql) {
      if (renewal !== null) await renew(sql, person, renewal, request.id)
      const [kept] = signIn === undefined ? [] : await keptPassword(sql, person, signIn.changed)
      if (kept === undefined) throw unauthenticated('The password was changed meanwhile.')
      await (device === undefined ? loginSucceeded(sql, keys) : deviceSucceeded(sql, deviceKey))
    }
  }
}

/** Earlier installations hashed what was typed, which is not always the normal form. An unknown account is compared as often. */
async function isRight (hashing: Hashing, hash: string | undefined, typed: string, lane: Lane): Promise<boolean> {
  const normal = normalPassword(typed)
  return await hashing.verify(hash, normal, lane) || (typed !== normal && await hashing.verify(hash, typed, lane))
}
