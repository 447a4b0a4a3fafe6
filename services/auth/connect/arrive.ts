import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import { Problem } from '#shared/errors'
import { mayExchange } from '#shared/roles'
import { sessionSecretOf } from '../cookie.ts'
import { mustEnrol } from '../enrolment.ts'
import { asRefusal, CallbackRefused, flowOf, type CallbackQuery } from '../oauth/callback.ts'
import type { LiveSession } from '../sessions.ts'
import type { CloudClient } from './cloud-client.ts'
import { grantIn, isLasting, isWhole, tokenIn } from './grant.ts'
import { storeGrant, takeGrant, tokenOf } from './stored.ts'

/**
 * A browser comes back from a cloud. A rung each: the flow is this browser's, its session lives and is the one that began it, its person may still connect, the
 * answer is of the provider that was asked, the code is exchanged with this browser's verifier. From then on there is a token: whatever is wrong, it is revoked
 * and nothing stays. Answers the path of the console where the browser goes on.
 */
export async function arriveToConnect (app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, name: string, query: CallbackQuery): Promise<{ session: LiveSession, returnTo: string }> {
  const { flow } = await flowOf(app, request, name, query, ['connect'])
  const secret = sessionSecretOf(request)
  const session = secret === null ? null : await app.auth.sessions.find(secret, false)
  if (session === null || session.id !== flow.session) throw new CallbackRefused('sign-in-first')
  if (mustEnrol(session) || !mayExchange('auth', 'secrets', 'cloud-connection:store', session.role)) throw new CallbackRefused('refused')
  const client = await app.auth.clouds.client(name).catch(asRefusal)
  if (query.iss !== undefined && query.iss !== client.cloud.issuer) throw new CallbackRefused('refused')
  if (query.error !== undefined) throw new CallbackRefused(query.error === 'access_denied' ? 'cancelled' : 'refused')
  if (query.code === undefined) throw new CallbackRefused('refused')
  const answer = await client.answerTo(request, reply).catch(asRefusal)
  try {
    await keep(app, request, session, client, answer)
  } catch (error) {
    await undo(app, session, client, answer, error)
    throw error instanceof CallbackRefused ? error : refusalOf(error)
  }
  return { session, returnTo: flow.returnTo }
}

async function keep (app: FastifyInstance, request: FastifyRequest, session: LiveSession, { cloud }: CloudClient, answer: Record<string, unknown>): Promise<void> {
  const grant = grantIn(answer, cloud)
  if (grant === null) throw new CallbackRefused('refused')
  if (!isWhole(grant, cloud)) throw new CallbackRefused('fewer-rights')
  if (!isLasting(grant, cloud)) throw new CallbackRefused('not-lasting')
  await storeGrant(app, session, cloud.name, grant)
  await app.database.inScope({ organisation: session.organisation, person: session.person }, sql =>
    audit(sql, { action: 'auth.connect.completed', target: cloud.name, detail: { scopes: grant.scopes }, requestId: request.id }))
}

/**
 * Nothing is half there. A call to `secrets` that failed may have stored it all the same: it is taken back, and revoked, whosever flow it was. Only where somebody was
 * quicker, and a whole connection stands there, that one stays, and of a provider that ends everything with one token it is not ended.
 */
async function undo (app: FastifyInstance, session: LiveSession, client: CloudClient, answer: Record<string, unknown>, error: unknown): Promise<void> {
  const { cloud } = client
  const isThere = error instanceof Problem && error.status === 409
  const mayBeStored = !isThere && !(error instanceof CallbackRefused)
  const taken = mayBeStored ? await takeGrant(app, session, cloud.name).catch(() => null) : null
  const tokens = [isThere && cloud.revocation === 'rfc7009' ? null : tokenIn(answer, cloud), taken === null ? null : tokenOf(taken, cloud)]
  for (const token of new Set(tokens)) {
    if (token === null || await client.revoke(token, 'token')) continue
    app.log.warn({ event: 'auth.connect.not-revoked', provider: cloud.name, person: session.person }, 'a token that is not kept could not be revoked')
  }
}

function refusalOf (error: unknown): CallbackRefused {
  if (error instanceof Problem && error.status === 409) return new CallbackRefused('connected-already')
  return new CallbackRefused('unavailable')
}
