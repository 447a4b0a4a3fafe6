import type { FastifyRequest } from 'fastify'
import type { Sql } from '#shared/database'
import { keepOnlyThisDevice } from './devices.ts'
import { voidMailLinks } from './mail-links.ts'
import { inTurnOf } from './organisations.ts'
import { voidPending } from './pending-logins.ts'
import { setPassword } from './people.ts'

/**
 * Puts a new password in place, in the scope of its person. The links that are out for the account open nothing any more, and of the browsers that were known
 * only this one stays: answers the secret by which it is. Whoever calls it ends the sessions too, last.
 *
 * A login that has just compared the old password waits here or is waited for (`SignIn.changed`), so none slips through.
 */
export async function changePassword (sql: Sql, request: FastifyRequest, person: string, hash: string): Promise<string> {
  await inTurnOf(sql, person)
  await voidMailLinks(sql, person)
  await voidPending(sql, person)
  await setPassword(sql, person, hash)
  return await keepOnlyThisDevice(sql, request, person)
}
