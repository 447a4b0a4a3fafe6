import type { FastifyPluginAsync } from 'fastify'
import type { Static } from 'typebox'
import { randomUUID } from 'node:crypto'
import { conflict, invalid } from '#shared/errors'
import { closed, ProblemDocument, Text } from '#shared/schemas'
import { isDuplicate } from '../accounts.ts'
import { sessionOf } from '../authenticate.ts'
import { sessionSecretOf } from '../cookie.ts'
import { addFactor } from '../factor-change.ts'
import { addPasskey } from '../factors.ts'
import { nameOf } from '../names.ts'
import { askForNewPasskey } from '../passkeys/options.ts'
import { newPasskey } from '../passkeys/proofs.ts'
import { Attestation, CreationOptions } from '../passkeys/schemas.ts'
import { RecoveryCodes } from '../schemas.ts'

const Body = closed({ label: Text(100, 1), passkey: Attestation })

/** A passkey becomes one of a person's factors, which takes a fresh proof and ends every other session. */
export const passkeyRoutes: FastifyPluginAsync = async app => {
  const config = { callers: ['edge'], access: 'person', permission: null, whileEnrolling: true, stepUp: true, limit: 'expensive' } as const

  app.post('/api/auth/factors/passkey/options', {
    config,
    schema: { summary: 'Begin to add a passkey', tags: ['auth'], response: { 200: CreationOptions, 403: ProblemDocument } }
  }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    return await askForNewPasskey(app, sessionSecretOf(request) ?? '', sessionOf(request))
  })

  app.post<{ Body: Static<typeof Body> }>('/api/auth/factors/passkey', {
    config,
    schema: { summary: 'Add a passkey; your other sessions end', tags: ['auth'], body: Body, response: { 200: RecoveryCodes, 400: ProblemDocument, 403: ProblemDocument, 409: ProblemDocument } }
  }, async (request, reply) => {
    const { person } = sessionOf(request)
    const label = nameOf(request.body.label, '/label', 100)
    const made = await newPasskey(app, request, request.body.passkey, sessionSecretOf(request) ?? '')
    if (made === null) throw invalid([{ path: '/passkey', message: 'is not the passkey that this browser was asked for: begin again' }])
    const id = randomUUID()
    return await addFactor(app, request, reply, id, 'pop', sql => addPasskey(sql, { id, person, label, ...made })).catch((error: unknown) => {
      throw isDuplicate(error) ? conflict('This passkey is somebody\'s already.') : error
    })
  })
}
