import type { FastifyInstance, FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import type { Sql } from '#shared/database'
import { conflict } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { newApiKeyMail } from './api-key-mails.ts'
import { newKey, prefixOf, type KeyKind } from './api-key-text.ts'
import { addApiKey, countApiKeys, endApiKey, replaceApiKey, workingApiKey, type NewApiKey } from './api-keys.ts'
import { sessionOf } from './authenticate.ts'
import { holdsFactor } from './enrolment.ts'
import type { Member } from './members.ts'
import { organisation } from './organisations.ts'
import { revoke } from './revocations.ts'
import { hashOf } from './secret-values.ts'

/** Keys that one person may have at a time in an organisation, and agents of one organisation. */
const most = 50

interface Made { id: string, key: string, expiresAt: string }

/** A new key of the member whose row is locked, with its mail and its audit row. Throws `conflict` for one too many. */
export async function makeApiKey (app: FastifyInstance, sql: Sql, request: FastifyRequest, member: Member, wanted: Omit<NewApiKey, 'hash' | 'prefix' | 'withFactor'>, replaces: string | null = null): Promise<Made> {
  const owner = wanted.kind === 'person' ? member.id : null
  const [counted] = await countApiKeys(sql, owner)
  const [current] = await organisation(sql)
  if (counted === undefined || current === undefined) throw new Error('The organisation is not there')
  if (counted.count >= most) throw conflict(`At most ${most} keys can work at a time: revoke one first.`)
  const key = newKey(wanted.kind)
  const prefix = prefixOf(key)
  const [added] = await addApiKey(sql, scopeOf(request), { ...wanted, hash: hashOf(key), prefix, withFactor: holdsFactor(sessionOf(request).methods) })
  if (added === undefined) throw new Error('The key was not written')
  const { id, expiresAt } = added
  await app.auth.mailer.enqueue(sql, member.id, newApiKeyMail(app.auth.config.PUBLIC_URL, member.email, { name: wanted.name, prefix, organisation: current.name, expires: expiresAt }, replaces !== null))
  await audit(sql, {
    action: replaces === null ? 'auth.api-key.created' : 'auth.api-key.rotated',
    target: id,
    detail: { kind: wanted.kind, scopes: wanted.scopes, networks: wanted.networks, days: wanted.days, ...(replaces === null ? {} : { replaces }) },
    requestId: request.id
  })
  return { id, key, expiresAt: expiresAt.toISOString() }
}

/** A key in the place of another. Null when there is none; of two at once the second finds it replaced. */
export async function replaceByNew (app: FastifyInstance, sql: Sql, request: FastifyRequest, member: Member, kind: KeyKind, id: string, overlapHours: number): Promise<Made | 'replaced' | null> {
  const owner = kind === 'person' ? member.id : null
  const [old] = await replaceApiKey(sql, id, kind, owner, overlapHours)
  if (old === undefined) {
    const [working] = await workingApiKey(sql, id, kind, owner)
    return working === undefined ? null : 'replaced'
  }
  const made = await makeApiKey(app, sql, request, member, { kind, ...old, days: Math.min(old.days, 365) }, id)
  if (overlapHours > 0) return made
  const [ended] = await endApiKey(sql, id, owner)
  if (ended !== undefined) await revoke(sql, 'session', ended.sid)
  return made
}
