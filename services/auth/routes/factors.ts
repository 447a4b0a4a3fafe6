import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { randomUUID } from 'node:crypto'
import { audit } from '#shared/audit'
import { conflict, forbidden, invalid, notFound } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Text, Timestamp } from '#shared/schemas'
import { sessionOf } from '../authenticate.ts'
import { addFactor, changeFactors } from '../factor-change.ts'
import { openSeed, sealSeed } from '../factor-seeds.ts'
import { assertRoomForFactor, beginTotp, confirmTotp, factorsOf, forgetUnconfirmed, removeFactor, unconfirmedSeed } from '../factors.ts'
import { nameOf } from '../names.ts'
import { newRecoveryCodes, recoveryCodesLeft, removeRecoveryCodes, replaceRecoveryCodes } from '../recovery-codes.ts'
import { holdsFactor } from '../enrolment.ts'
import { RecoveryCodes, TotpCode } from '../schemas.ts'
import { enrolment, newSeed, stepOf } from '../totp.ts'

const Listed = closed({ id: Id, kind: Type.String(), label: Type.String(), createdAt: Timestamp, usedAt: Type.Union([Timestamp, Type.Null()]) })
const List = closed({ factors: Type.Array(Listed), recoveryCodes: Type.Integer({ description: 'How many are left' }) })
const Begin = closed({ label: Text(100, 1) })
const Begun = closed({ id: Id, uri: Type.String({ description: 'For a QR code' }), secret: Type.String({ description: 'base32, to type' }) }, { description: 'Shown once' })
const Params = closed({ id: Id })

/** A person's second factors. Adding or removing one takes a fresh proof, and ends every other session. */
export const factorRoutes: FastifyPluginAsync = async app => {
  const config = { callers: ['edge'], access: 'person', permission: null, whileEnrolling: true } as const

  app.get('/api/auth/factors', {
    config,
    schema: { summary: 'Your second factors', tags: ['auth'], response: { 200: List, 401: ProblemDocument } }
  }, async request => {
    const { person } = sessionOf(request)
    return await app.database.inScope(scopeOf(request), async sql => {
      const factors = await factorsOf(sql, person)
      const [codes] = await recoveryCodesLeft(sql, person)
      return {
        factors: factors.map(({ createdAt, usedAt, ...factor }) => ({ ...factor, createdAt: createdAt.toISOString(), usedAt: usedAt?.toISOString() ?? null })),
        recoveryCodes: codes?.left ?? 0
      }
    })
  })

  app.post<{ Body: Static<typeof Begin> }>('/api/auth/factors/totp', {
    config: { ...config, stepUp: true, limit: 'expensive' },
    schema: { summary: 'Begin to add an authenticator app', tags: ['auth'], body: Begin, response: { 201: Begun, 403: ProblemDocument, 409: ProblemDocument } }
  }, async (request, reply) => {
    const { person, email } = sessionOf(request)
    const label = nameOf(request.body.label, '/label', 100)
    const [id, seed] = [randomUUID(), newSeed()]
    const sealed = await sealSeed(app.peers, person, id, seed)
    await app.database.inScope(scopeOf(request), async sql => {
      assertRoomForFactor(await factorsOf(sql, person))
      await forgetUnconfirmed(sql, person)
      await beginTotp(sql, { id, person, label, sealed })
      await audit(sql, { action: 'auth.factor.begun', target: id, requestId: request.id })
    })
    reply.header('cache-control', 'no-store')
    return await reply.code(201).send({ id, ...enrolment(seed, email) })
  })

  app.post<{ Params: Static<typeof Params>, Body: { totp: string } }>('/api/auth/factors/totp/:id/confirm', {
    config: { ...config, stepUp: true, limit: 'expensive' },
    schema: { summary: 'Confirm it with its first code; your other sessions end', tags: ['auth'], params: Params, body: closed({ totp: TotpCode }), response: { 200: RecoveryCodes, 400: ProblemDocument, 403: ProblemDocument, 404: ProblemDocument, 409: ProblemDocument } }
  }, async (request, reply) => {
    const { id } = request.params
    const { person } = sessionOf(request)
    const [begun] = await app.database.inScope(scopeOf(request), sql => unconfirmedSeed(sql, person, id))
    if (begun === undefined) throw notFound()
    const step = stepOf(await openSeed(app.peers, person, id, begun.sealed), request.body.totp)
    if (step === null) throw invalid([{ path: '/totp', message: 'is not the code that the app shows now' }])
    return await addFactor(app, request, reply, id, 'otp', async sql => {
      if ((await confirmTotp(sql, person, id, step)).length === 0) throw notFound()
    })
  })

  app.delete<{ Params: Static<typeof Params> }>('/api/auth/factors/:id', {
    config: { ...config, stepUp: true },
    schema: { summary: 'Remove a second factor; your other sessions end', tags: ['auth'], params: Params, response: { 204: Type.Null(), 403: ProblemDocument, 404: ProblemDocument } }
  }, async (request, reply) => {
    const { id } = request.params
    const session = sessionOf(request)
    const own = await app.database.inScope(scopeOf(request), sql => factorsOf(sql, session.person))
    if (!own.some(factor => factor.id === id)) throw notFound()
    // A password alone must not take away what protects from a stolen password.
    if (!holdsFactor(session.methods)) {
      await app.auth.auditRefusal(request, scopeOf(request), { action: 'auth.factor.removal-refused', target: id })
      throw forbidden('Sign in with a second factor to remove one.')
    }
    await changeFactors(app, request, reply, {
      action: 'auth.factor.removed',
      notice: 'factor-removed',
      target: id,
      async change (sql) {
        if ((await removeFactor(sql, session.person, id)).length === 0) throw notFound()
        if ((await factorsOf(sql, session.person)).length > 0) return session.methods
        await removeRecoveryCodes(sql, session.person)
        // What was shown is a factor no longer.
        return session.methods.filter(method => method === 'pwd' || method === 'fed')
      }
    })
    return await reply.code(204).send(null)
  })

  app.post('/api/auth/factors/recovery-codes', {
    config: { ...config, stepUp: true, limit: 'expensive' },
    schema: { summary: 'New recovery codes; those from before open nothing any more', tags: ['auth'], response: { 200: RecoveryCodes, 403: ProblemDocument, 409: ProblemDocument } }
  }, async (request, reply) => {
    const { person, methods } = sessionOf(request)
    const codes = newRecoveryCodes()
    await changeFactors(app, request, reply, {
      action: 'auth.recovery-codes.made',
      notice: 'recovery-codes',
      target: person,
      async change (sql) {
        if ((await factorsOf(sql, person)).length === 0) throw conflict('They stand in for a second factor. Add one first.')
        await replaceRecoveryCodes(sql, person, codes)
        return methods
      }
    })
    reply.header('cache-control', 'no-store')
    return { recoveryCodes: codes }
  })
}
