import type { ServiceName } from '#shared/peers'
import { exchangeNeeds, mayExchange, permissionsOf } from '#shared/roles'
import { permissionsIn } from './sessions.ts'
import type { Subject } from './subject.ts'

/** How many services may stand between a person and a decision. */
const longestChain = 3

/**
 * Whether a service may have a token with these scopes, at this audience, in this person's name. Three conditions: the closed table and the person's role now
 * (shared/roles.ts); where the needed permission is the caller's own, the token that reached the caller must hold it, or a token that was narrowed on the way
 * could be widened again; and a delegation allows no more than it lists. What an API key was not given no service gets for it.
 */
export function isExchangeAllowed (caller: ServiceName, audience: ServiceName, scopes: string[], subject: Subject): boolean {
  const { session: { role }, delegation } = subject
  if (scopes.length === 0 || subject.actors.length >= longestChain) return false
  if (delegation !== null && !delegation.audiences.includes(audience)) return false
  return scopes.every(scope => {
    if (delegation !== null && !delegation.scopes.includes(scope)) return false
    return mayExchange(caller, audience, scope, role) && isHeld(caller, audience, scope, subject)
  })
}

function isHeld (caller: ServiceName, audience: ServiceName, scope: string, { scopes, session }: Subject): boolean {
  const needs = exchangeNeeds(caller, audience, scope)
  if (needs === null || !permissionsIn(session).includes(needs)) return false
  return scopes === null || !permissionsOf(session.role, caller).includes(needs) || scopes.has(needs)
}
