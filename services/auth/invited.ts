import type { FastifyInstance } from 'fastify'
import type { Sql } from '#shared/database'
import { isAtLeast, permissionsOf, type Role } from '#shared/roles'
import { hashOf } from './secret-values.ts'

/** An invitation as whoever holds its link finds it. */
export interface Invited {
  id: string
  organisation: string
  organisationName: string
  email: string
  role: Role
  /** What the organisation asks of a password that is chosen with it. */
  passwordMinimum: number
  /** Who sent it, and what they are now. */
  inviterName: string
  inviterEmail: string
  inviterRole: Role
}

interface InvitationKey { id: string, organisation: string }

/** The ids behind a link's token, without a scope. */
const invitationByHash = (sql: Sql, hash: Buffer) => sql<InvitationKey[]>`
  select invitation_id as id, org_id as organisation
  from auth.invitation_by_hash(${hash})`

/** The invitation while it opens something, in the scope of its organisation. `held`: what its sender is stays so until the commit. */
const invitedBy = (sql: Sql, id: string, hash: Buffer, held: boolean) => sql<Invited[]>`
  select invitations.id, invitations.org_id as organisation, organisations.name as "organisationName", invitations.email, invitations.role,
    organisations.password_minimum as "passwordMinimum", people.name as "inviterName", people.email as "inviterEmail", memberships.role as "inviterRole"
  from auth.invitations
  join auth.organisations on organisations.id = invitations.org_id
  join auth.memberships on memberships.org_id = invitations.org_id and memberships.person_id = invitations.invited_by
  join auth.people on people.id = invitations.invited_by
  where invitations.id = ${id}
    and invitations.token_hash = ${hash}
    and invitations.ended_at is null
    and invitations.expires_at > now()
    and organisations.deleted_at is null
    and people.disabled_at is null
  ${held ? sql`for share of memberships` : sql``}`

/** Answers a row to exactly one caller: the row is locked until that one's commit, and then it has ended. */
export const endInvitation = (sql: Sql, id: string, hash: Buffer, outcome: 'accepted' | 'declined') => sql<Array<{ email: string, role: Role }>>`
  update auth.invitations
  set ended_at = now(),
    outcome = ${outcome}
  where id = ${id}
    and token_hash = ${hash}
    and ended_at is null
    and expires_at > now()
  returning email, role`

/** What a role lets its holder give to others. */
export const mayGive = (giver: Role, role: Role): boolean => permissionsOf(giver).includes('member:write') && isAtLeast(giver, role)

/**
 * The invitation of a link, or null. Whoever sent it must still be someone who may: otherwise an administrator who is about to lose the role would leave
 * doors behind.
 */
export async function invitationOf (app: FastifyInstance, token: string): Promise<Invited | null> {
  const hash = hashOf(token)
  const [key] = await app.database.resolve(sql => invitationByHash(sql, hash))
  if (key === undefined) return null
  return await app.database.inScope({ organisation: key.organisation, person: null }, sql => checked(invitedBy(sql, key.id, hash, false)))
}

/** The same in the transaction that takes it up: between the two somebody may have taken the sender's role. */
export const openInvitationOf = (sql: Sql, id: string, hash: Buffer): Promise<Invited | null> => checked(invitedBy(sql, id, hash, true))

async function checked (found: PromiseLike<Invited[]>): Promise<Invited | null> {
  const [invited] = await found
  return invited !== undefined && mayGive(invited.inviterRole, invited.role) ? invited : null
}
