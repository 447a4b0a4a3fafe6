import type { FastifyInstance, FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import type { AuditAction } from '#shared/audit-actions'
import type { Sql } from '#shared/database'
import { notFound } from '#shared/errors'
import { nobody } from './auth-plugin.ts'
import { emailOf } from './email.ts'
import { noticeMail, type NoticeName } from './notices.ts'
import { personByEmail } from './people.ts'

export const endSessionsOf = (sql: Sql, person: string) => sql<Array<{ ended: number }>>`
  select auth.operator_end_sessions(${person})::float8 as ended`

/** Null: the person was disabled before. */
export const disablePerson = (sql: Sql, person: string) => sql<Array<{ ended: number | null }>>`
  select auth.operator_disable(${person})::float8 as ended`

export const enablePerson = (sql: Sql, person: string) => sql<Array<{ enabled: boolean }>>`
  select auth.operator_enable(${person}) as enabled`

/** Null: they had none. */
export const removeFactorsOf = (sql: Sql, person: string) => sql<Array<{ ended: number | null }>>`
  select auth.operator_remove_factors(${person})::float8 as ended`

const organisationsOf = (sql: Sql, person: string) => sql<Array<{ id: string }>>`
  select org_id as id
  from auth.memberships
  where person_id = ${person}
  order by created_at, org_id`

/** Who gave the order: the certificate, since operators have no accounts. */
export const operatorOf = (request: FastifyRequest): string => `operator ${request.caller?.thumbprint ?? ''}`

/**
 * An order about a person: the change and its rows in the audit log of each of their organisations, in one transaction. The person is what it was done to
 * and not who did it, so they are in no scope; they are mailed a notice. `work` answers null when there was nothing to do, and then nothing is written down.
 */
export async function orderAbout<T extends Record<string, unknown>> (app: FastifyInstance, request: FastifyRequest, email: string, action: AuditAction, notice: NoticeName, work: (sql: Sql, person: string) => Promise<T | null>): Promise<T | null> {
  const { config, mailer } = app.auth
  const address = emailOf(email)
  const [found] = await app.database.resolve(sql => personByEmail(sql, address))
  if (found === undefined) {
    app.metrics.refused.inc({ wall: 'operator' })
    request.log.warn({ event: 'auth.operator.refused', action }, 'an order about nobody was refused')
    await app.auth.auditRefusal(request, nobody, { action, detail: { by: operatorOf(request) } })
    throw notFound('Nobody here has this address.')
  }
  const person = found.personId
  const organisations = await app.database.inScope({ organisation: null, person }, sql => organisationsOf(sql, person))
  const done = await app.database.resolve(async sql => {
    const result = await work(sql, person)
    if (result === null) return null
    for (const { id } of organisations.length === 0 ? [{ id: '' }] : organisations) {
      await sql`select set_config('app.org_id', ${id}, true)`
      await audit(sql, { action, target: person, detail: { by: operatorOf(request) }, requestId: request.id })
    }
    // Only now: in the log they are not who did it.
    await sql`select set_config('app.person_id', ${person}, true)`
    await mailer.enqueue(sql, person, noticeMail(notice, config.PUBLIC_URL, address, null))
    return result
  })
  mailer.wake()
  request.log.warn({ event: action, person, by: operatorOf(request), changed: done !== null }, 'an operator gave an order about a person')
  return done
}
