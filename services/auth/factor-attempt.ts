import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Sql } from '#shared/database'
import { limited, unauthenticated } from '#shared/errors'
import { deviceSecretOf } from './device-cookie.ts'
import { deviceOf } from './devices.ts'
import type { Static } from 'typebox'
import { openSeed } from './factor-seeds.ts'
import { sealedSeedsOf, usePasskey, useStep } from './factors.ts'
import { provedByPasskey } from './passkeys/proofs.ts'
import type { Assertion } from './passkeys/schemas.ts'
import { unusedRecoveryCode, useRecoveryCode } from './recovery-codes.ts'
import { hashOf, randomSecret } from './secret-values.ts'
import type { Method } from './sessions.ts'
import { countFactor, factorSucceeded, factorUntried } from './throttles.ts'
import { stepOf } from './totp.ts'

/** One of them. */
export interface FactorProof { totp?: string, recoveryCode?: string, passkey?: Static<typeof Assertion> }

export interface FactorAttempt {
  method: Method
  /** Uses what was shown up, in the transaction of what it allowed, before anything else there. Throws when somebody else was first. */
  succeed: (sql: Sql) => Promise<void>
}

/**
 * One attempt at a second factor; null when it is wrong. Counted by person, not by sign-in, since whoever has the password begins as many of those as they
 * like; and by the browsers that are known, so that whoever guesses with a stolen password does not keep the owner out. Six digits of which three are right at
 * any time are found after some 300,000 tries: at one in five minutes, never. `holder` is the secret of the cookie that a passkey was asked for with.
 * Throws `limited`, and `unavailable` while Vault cannot open the seeds.
 */
export async function attemptFactor (app: FastifyInstance, request: FastifyRequest, person: string, proof: FactorProof, holder: string): Promise<FactorAttempt | null> {
  const scope = { organisation: null, person }
  const [device] = await app.database.inScope(scope, sql => deviceOf(sql, person, hashOf(deviceSecretOf(request) ?? randomSecret())))
  const counter = device === undefined ? person : `${person} ${device.id}`
  const [counted] = await app.database.resolve(sql => countFactor(sql, counter))
  if (counted?.wait !== 0) {
    app.metrics.logins.inc({ outcome: 'throttled' })
    request.log.warn({ event: 'auth.login.factor-throttled', person }, 'an attempt at a second factor was throttled')
    throw limited(counted?.wait ?? 1)
  }
  const found = await compare().catch(async (error: unknown) => {
    // What could not be compared was no guess: an outage does not lock anybody out. One is taken back and not all, so that it forgives none either.
    await app.database.resolve(sql => factorUntried(sql, counter))
    throw error
  })
  if (found === null) return null
  return {
    method: found.method,
    async succeed (sql) {
      if (!await found.use(sql)) throw unauthenticated('This proof has been used.')
      await factorSucceeded(sql, counter)
    }
  }

  async function compare (): Promise<Found | null> {
    if (proof.passkey !== undefined) return await byPasskey(proof.passkey)
    return await (proof.totp === undefined ? byRecoveryCode(proof.recoveryCode ?? '') : byTotp(proof.totp))
  }

  async function byTotp (code: string): Promise<Found | null> {
    const seeds = await app.database.inScope(scope, sql => sealedSeedsOf(sql, person))
    for (const { id, sealed } of seeds) {
      const step = stepOf(await openSeed(app.peers, person, id, sealed), code)
      if (step !== null) return { method: 'otp', use: async sql => (await useStep(sql, person, id, step)).length === 1 }
    }
    return null
  }

  async function byPasskey (shown: Static<typeof Assertion>): Promise<Found | null> {
    const proved = await provedByPasskey(app, request, shown, holder)
    if (proved === null || proved.person !== person) return null
    return { method: 'pop', use: async sql => (await usePasskey(sql, person, proved.id, proved.count)).length === 1 }
  }

  async function byRecoveryCode (code: string): Promise<Found | null> {
    const [unused] = await app.database.inScope(scope, sql => unusedRecoveryCode(sql, person, code))
    return unused === undefined ? null : { method: 'rc', use: async sql => (await useRecoveryCode(sql, person, code)).length === 1 }
  }
}

interface Found { method: Method, use: (sql: Sql) => Promise<boolean> }
