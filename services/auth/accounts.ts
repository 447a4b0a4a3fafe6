import type { Sql } from '#shared/database'
import { addMember, addOrganisation } from './organisations.ts'
import { addPerson, setPassword } from './people.ts'

export interface NewAccount {
  person: string
  organisation: string
  email: string
  name: string
  organisationName: string
  /** Null for someone whom a provider vouches for. */
  passwordHash: string | null
}

/** A person who owns a new organisation. In the scope of both. */
export async function addAccount (sql: Sql, account: NewAccount): Promise<void> {
  await addPerson(sql, { id: account.person, email: account.email, name: account.name })
  await addOrganisation(sql, { id: account.organisation, name: account.organisationName })
  await addMember(sql, account.organisation, account.person, 'owner')
  if (account.passwordHash !== null) await setPassword(sql, account.person, account.passwordHash)
}

/** Whether PostgreSQL refused a row because another one has its key: the other of two concurrent requests was first. */
export const isDuplicate = (error: unknown): boolean => (error as { code?: unknown }).code === '23505'
