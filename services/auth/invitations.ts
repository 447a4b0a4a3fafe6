import type { Sql } from '#shared/database'
import type { Role } from '#shared/roles'

export interface Invitation {
  id: string
  email: string
  role: Role
  invitedBy: string
  sent: Date
  expires: Date
  isExpired: boolean
}

/** Those of the scope's organisation that nobody has answered yet. */
export const openInvitations = (sql: Sql) => sql<Invitation[]>`
  select invitations.id, invitations.email, invitations.role, people.name as "invitedBy",
    sent_at as sent, expires_at as expires, expires_at <= now() as "isExpired"
  from auth.invitations
  join auth.people on people.id = invitations.invited_by
  where invitations.org_id = app.org_id()
    and ended_at is null
  order by invitations.id desc
  limit 200`

export const countInvitations = (sql: Sql) => sql<Array<{ open: number }>>`
  select count(*)::integer as open
  from auth.invitations
  where org_id = app.org_id()
    and ended_at is null`

export const addInvitation = (sql: Sql, { email, role, person, hash }: { email: string, role: Role, person: string, hash: Buffer }) => sql<Array<{ id: string }>>`
  insert into auth.invitations (org_id, email, role, invited_by, token_hash)
  values (app.org_id(), ${email}, ${role}, ${person}, ${hash})
  returning id`

export const openInvitation = (sql: Sql, id: string) => sql<Array<{ email: string, role: Role }>>`
  select email, role
  from auth.invitations
  where id = ${id}
    and ended_at is null
  for update`

/** Another link, of whoever sends it now; the one before opens nothing any more. */
export const renewInvitation = (sql: Sql, id: string, person: string, hash: Buffer) => sql`
  update auth.invitations
  set token_hash = ${hash},
    invited_by = ${person},
    sent_at = now(),
    expires_at = now() + interval '7 days'
  where id = ${id}
    and ended_at is null`

export const revokeInvitation = (sql: Sql, id: string) => sql<Array<{ id: string }>>`
  update auth.invitations
  set ended_at = now(),
    outcome = 'revoked'
  where id = ${id}
    and ended_at is null
  returning id`

export const forgetInvitations = (sql: Sql) => sql`
  select auth.forget_invitations()`
