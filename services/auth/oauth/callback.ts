import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '#shared/errors'
import { hashOf, sameSecret } from '../secret-values.ts'
import { takeFlow, type Flow } from './flows.ts'
import type { Vouched } from './provider-client.ts'

/** Why a browser that came back from a provider does not get what it went for. The console has words for each; nothing of the provider's own text goes on. */
export type Refusal = 'cancelled' | 'expired' | 'refused' | 'unavailable' | 'taken' | 'no-address' | 'sign-in-first' | 'fewer-rights' | 'not-lasting' | 'connected-already'

export class CallbackRefused extends Error {
  readonly reason: Refusal

  constructor (reason: Refusal) {
    super(reason)
    this.reason = reason
  }
}

export interface CallbackQuery { state?: string, code?: string, iss?: string, error?: string }

const stateCookie = '__Host-oauth2-redirect-state'

/**
 * The flow that a browser comes back from, once:
 * - the state is the one in this browser's cookie: somebody else's callback, sent to a victim, would sign them in as the attacker;
 * - the state is taken from the database, where it is once, for ten minutes, for this provider, and for one of these purposes.
 */
export async function flowOf (app: FastifyInstance, request: FastifyRequest, name: string, { state }: CallbackQuery, purposes: ReadonlyArray<Flow['purpose']>): Promise<{ flow: Flow, state: string }> {
  const cookie = request.cookies[stateCookie]
  if (state === undefined || cookie === undefined || !sameSecret(state, cookie)) throw new CallbackRefused('expired')
  const [flow] = await app.database.resolve(sql => takeFlow(sql, hashOf(state)))
  if (flow === undefined || !flow.alive || flow.provider !== name || !purposes.includes(flow.purpose)) throw new CallbackRefused('expired')
  return { flow, state }
}

/**
 * From a callback to the one whom the provider vouches for. A rung each:
 * - the flow is this browser's;
 * - the issuer is the one that was asked (RFC 9207), or one provider could pass off another's code;
 * - the code is exchanged with the verifier of this browser's cookie (PKCE), and the id token holds the nonce of this state.
 */
export async function completeFlow (app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, name: string, query: CallbackQuery): Promise<{ flow: Flow, vouched: Vouched }> {
  const { iss, error } = query
  const { flow, state } = await flowOf(app, request, name, query, ['login', 'link'])
  const client = await app.auth.oauth.client(name).catch(asRefusal)
  if (iss === undefined ? client.namesItself : iss !== client.issuer) throw new CallbackRefused('refused')
  if (error !== undefined) throw new CallbackRefused(error === 'access_denied' ? 'cancelled' : 'refused')
  if (query.code === undefined) throw new CallbackRefused('refused')
  return { flow, vouched: await client.vouchedFor(request, reply, state).catch(asRefusal) }
}

export function asRefusal (error: unknown): never {
  if (error instanceof Problem && error.status === 401) throw new CallbackRefused('refused')
  if (error instanceof Problem && (error.status === 502 || error.status === 400)) throw new CallbackRefused('unavailable')
  throw error
}
