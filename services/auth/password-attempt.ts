import type { FastifyInstance, FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { Sql } from '#shared/database'
import { limited } from '#shared/errors'
import { networkOf } from '#shared/network'
import { normalPassword } from './passwords.ts'
import { personByEmail, signInOf, type SignIn } from './people.ts'
import { countLogin, loginSucceeded, throttleKey } from './throttles.ts'

export interface PasswordAttempt {
  /** Whose account the address is; null when it is nobody's. */
  person: string | null
  /** What a sign-in of this person needs; undefined for nobody and for those who cannot sign in. */
  signIn: SignIn | undefined
  matches: boolean
  /** Names the account in logs, which hold no address. */
  account: string
  /** Takes the attempt back from the counters, in the transaction of what it allowed. */
  succeed: (sql: Sql) => PromiseLike<unknown>
}

/**
 * One attempt at a password. Known and unknown accounts cost the same steps: two questions of PostgreSQL, one argon2 verification. Throttled by counters
 * in PostgreSQL and not in Redis, so that its loss opens nothing and closes nothing. Throws `limited` and `unavailable`.
 */
export async function attemptPassword (app: FastifyInstance, request: FastifyRequest, email: string, password: string): Promise<PasswordAttempt> {
  const { hashing } = app.auth
  const account = throttleKey('account', email)
  const address = throttleKey('address', networkOf(request.ip))
  const name = account.toString('hex', 0, 6)
  hashing.assertRoom()
  const [counted] = await app.database.resolve(sql => countLogin(sql, account, address))
  if (counted === undefined || counted.wait > 0) {
    app.metrics.logins.inc({ outcome: 'throttled' })
    request.log.warn({ event: 'auth.login.throttled', account: name }, 'an attempt at a password was throttled')
    throw limited(counted?.wait ?? 1)
  }
  const [found] = await app.database.resolve(sql => personByEmail(sql, email))
  const person = found?.personId ?? randomUUID()
  const [signIn] = await app.database.inScope({ organisation: null, person }, sql => signInOf(sql, person))
  const matches = await hashing.verify(signIn?.hash, normalPassword(password)) && signIn !== undefined
  return { person: found?.personId ?? null, signIn, matches, account: name, succeed: sql => loginSucceeded(sql, account, address) }
}
