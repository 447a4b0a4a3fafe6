import fastifyPlugin from 'fastify-plugin'
import type { FastifyRequest, RouteOptions } from 'fastify'
import { callerOf as callerByCertificate, type Caller } from './caller.ts'
import { forbidden, stepUpRequired, unauthenticated } from './errors.ts'
import { pathOf } from './logs.ts'
import type { Metrics } from './metrics.ts'
import { peers, type PeerName } from './peers.ts'
import type { Principal } from './principal.ts'
import { isKnownScope } from './roles.ts'
import type { TokenVerifier } from './tokens.ts'

/**
 * `person`, `agent`, `service`: a token (or, in auth, the session) of such a principal. `hook`, `public`: no token may come.
 * `peer`: the certificate alone says who it is.
 */
export type Access = 'person' | 'agent' | 'service' | 'hook' | 'public' | 'peer'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The peers that may call this route. Absent or empty is an error at start. */
    callers?: readonly PeerName[]
    access?: Access
    /** The scope that the token must hold; null says on purpose that being signed in is enough. */
    permission?: string | ((request: FastifyRequest) => string) | null
    /** The person must have proved within `proofLifetime` that it is they: for what a stolen session must not do. */
    stepUp?: true
  }
  interface FastifyRequest {
    caller: Caller | null
    peer: PeerName | null
    principal: Principal | null
  }
}

export interface WallOptions {
  /** Replaceable for tests without TLS; nothing else decides who is calling. */
  callerOf?: (request: FastifyRequest) => Caller | null
  verifier: TokenVerifier
  /** How `auth` itself recognises a person: by the session cookie. */
  authenticatePerson?: ((request: FastifyRequest) => Promise<Principal | null>) | undefined
  metrics: Metrics
}

/**
 * The ladder each request climbs before a handler runs: certificate, caller of the route, token or its absence, kind of principal, scope.
 * A refusal names caller and target in the log, not in the answer.
 */
export const walls = fastifyPlugin<WallOptions>(async (app, options) => {
  const { verifier, metrics, authenticatePerson, callerOf = callerByCertificate } = options
  app.decorateRequest('caller', null)
  app.decorateRequest('peer', null)
  app.decorateRequest('principal', null)
  app.addHook('onRoute', checkRoute)

  app.addHook('onRequest', async request => {
    const { callers, access, permission, stepUp } = request.routeOptions.config
    const caller = callerOf(request)
    request.caller = caller
    request.peer = caller?.peer ?? null
    if (caller === null) throw refuse(request, 'certificate', forbidden())
    // A route that does not exist has no callers; any peer may learn that.
    if (request.is404) return
    if (callers?.includes(caller.peer) !== true) throw refuse(request, 'caller', forbidden())
    if (access === 'peer') return
    if (access === 'hook' || access === 'public') {
      if (request.headers.authorization !== undefined) throw refuse(request, 'token-on-open-route', unauthenticated())
      return
    }
    const principal = await authenticate(request, caller)
    if (principal.kind !== access) throw refuse(request, 'principal', forbidden())
    request.principal = principal
    const needed = typeof permission === 'function' ? permission(request) : permission
    if (needed === undefined || (needed !== null && !principal.scopes.has(needed))) throw refuse(request, 'scope', forbidden())
    if (stepUp === true && !isProvedLately(principal)) throw refuse(request, 'step-up', stepUpRequired())
  })

  async function authenticate (request: FastifyRequest, caller: Caller): Promise<Principal> {
    const { authorization } = request.headers
    if (authenticatePerson !== undefined && request.routeOptions.config.access === 'person') {
      const person = await authenticatePerson(request)
      if (person === null) throw refuse(request, 'session', unauthenticated())
      return person
    }
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization ?? '')?.[1]
    if (token === undefined) throw refuse(request, 'token', unauthenticated())
    try {
      return await verifier.verify(token, caller.thumbprint)
    } catch (error) {
      throw refuse(request, 'token', error as Error)
    }
  }

  function refuse (request: FastifyRequest, wall: string, error: Error): Error {
    metrics.refused.inc({ wall })
    request.log.warn({ event: 'access.refused', wall, caller: request.caller?.peer ?? null, target: `${request.method} ${request.routeOptions.url ?? pathOf(request.url)}` }, 'refused')
    return error
  }
}, { name: 'walls' })

/** Seconds that a proof is good for. */
const proofLifetime = 600

/** Whether a person has just proved that it is they; a key never has. */
export const isProvedLately = ({ kind, provedAt }: Principal): boolean => kind === 'person' && Date.now() / 1000 - provedAt < proofLifetime

/** A route that forgot to say who may call it would be everyone's: it does not start. */
function checkRoute (route: RouteOptions): void {
  const { callers, access, permission, stepUp } = route.config ?? {}
  const name = `${String(route.method)} ${route.url}`
  if (callers === undefined) throw new Error(`The route ${name} does not say who may call it`)
  if (callers.length === 0) throw new Error(`The route ${name} has an empty list of callers`)
  const stranger = callers.find(caller => !peers.includes(caller))
  if (stranger !== undefined) throw new Error(`The route ${name} names a caller that does not exist: ${String(stranger)}`)
  if (access === undefined) throw new Error(`The route ${name} does not say what it asks of a caller (access)`)
  if (stepUp !== undefined && access !== 'person') throw new Error(`The route ${name} asks for a proof that nobody can give there`)
  if (access === 'hook' || access === 'public' || access === 'peer') {
    if (permission !== undefined && permission !== null) throw new Error(`The route ${name} asks for a permission that nobody can hold there`)
    return
  }
  if (permission === undefined) throw new Error(`The route ${name} names no permission (null says that none is needed)`)
  if (typeof permission === 'string' && !isKnownScope(permission)) throw new Error(`The route ${name} asks for an unknown permission: ${permission}`)
}
