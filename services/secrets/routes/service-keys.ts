import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit, type AuditEvent } from '#shared/audit'
import { conflict } from '#shared/errors'
import { closed, Timestamp } from '#shared/schemas'
import { readDetail, refuseUnaudited } from '../audited-read.ts'
import { problemOfVault } from '../reading.ts'
import { pathOfService } from '../reference.ts'
import { isVaultFailure } from '../vault/failure.ts'

const thumbprint = Type.String({ pattern: '^[\\w-]{43}$' })
const times = { created: Timestamp, state: Type.Union([Type.Literal('next'), Type.Literal('current'), Type.Literal('retired')]), since: Timestamp }
const SigningKey = closed({
  kty: Type.Literal('OKP'), crv: Type.Literal('Ed25519'), x: thumbprint, d: Type.Optional(thumbprint), kid: thumbprint, alg: Type.Literal('EdDSA'), use: Type.Literal('sig'), ...times
})
const WithdrawnKey = closed({ ring: Type.Union([Type.Literal('signing'), Type.Literal('cookie')]), id: thumbprint, at: Timestamp })
const CookieKey = closed({ key: Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }), ...times })

const Version = Type.Integer({ minimum: 0, maximum: 2_147_483_647 })
const Query = closed({ known: Type.Optional(Version) })
const Body = Type.Object({
  cas: Version,
  signingKeys: Type.Optional(Type.Array(SigningKey, { minItems: 1, maxItems: 256 })),
  cookieKeys: Type.Optional(Type.Array(CookieKey, { minItems: 1, maxItems: 256 })),
  withdrawnKeys: Type.Optional(Type.Array(WithdrawnKey, { maxItems: 1024 }))
}, { additionalProperties: false, minProperties: 2 })
const text = Type.Optional(Type.String())
const Answer = closed({ version: Version, signingKeys: text, cookieKeys: text, withdrawnKeys: text })

/**
 * The keys of auth, which rotate: the one thing in an entry of a service that can be written here, by auth alone. Three fields of one entry, by check-and-set; its
 * passwords pass through unseen. So auth needs no way to Vault, and Vault's policy names this one path.
 */
export const serviceKeyRoutes: FastifyPluginAsync = async app => {
  const config = { callers: ['auth'], access: 'peer', limit: false } as const
  const path = pathOfService(app.place, 'auth')

  app.get<{ Querystring: Static<typeof Query> }>('/internal/services/auth/keys', { config, schema: { querystring: Query, response: { 200: Answer } } }, async (request, reply) => {
    const { version, values } = await read()
    reply.header('cache-control', 'no-store')
    // Every replica asks each minute: an answer that holds no key is no reading of one.
    if (version === request.query.known) return { version }
    await record(request, { action: 'service-keys.read', detail: readDetail(request) })
    const { signingKeys, cookieKeys, withdrawnKeys } = values
    return { version, signingKeys, cookieKeys, withdrawnKeys }
  })

  app.put<{ Body: Static<typeof Body> }>('/internal/services/auth/keys', { config, bodyLimit: 256 * 1024, schema: { body: Body, response: { 200: Answer } } }, async request => {
    const { cas, ...rings } = request.body
    const detail = { ...readDetail(request), fields: Object.keys(rings), replaces: cas }
    const { version, values } = await read()
    if (version !== cas) return await refuse()
    // No audit row, no change: it stands before Vault is asked to write.
    await record(request, { action: 'service-keys.replaced', detail })
    try {
      const texts = Object.fromEntries(Object.entries(rings).map(([name, keys]) => [name, JSON.stringify(keys)]))
      return { version: await app.vault.kv.write(path, { ...values, ...texts }, cas) }
    } catch (error) {
      if (isVaultFailure(error, 'conflict')) return await refuse()
      await record(request, { action: 'service-keys.replaced', outcome: 'failure', detail }).catch(() => {})
      throw problemOfVault(error)
    }

    async function refuse (): Promise<never> {
      request.log.warn({ event: 'secret.service-keys.refused', replaces: cas }, 'keys of an older version were to be replaced')
      await record(request, { action: 'service-keys.replaced', outcome: 'refused', detail })
      throw conflict('The keys have changed since they were read.')
    }
  })

  const read = () => app.vault.kv.read(path).catch((error: unknown) => { throw problemOfVault(error) })

  const record = (request: FastifyRequest, event: AuditEvent) =>
    app.database.resolve(sql => audit(sql, { target: 'auth', requestId: request.id, ...event })).catch(refuseUnaudited)
}
