import { audit } from '#shared/audit'
import type { Sql } from '#shared/database'
import { setupNeeded } from '../../services/auth/installation.ts'
import { addMember, addOrganisation } from '../../services/auth/organisations.ts'
import { formOf } from '../../services/auth/password-hashes.ts'
import { addPerson, newIds, personByEmail } from '../../services/auth/people.ts'
import type { ImportedPerson, LineError } from './lines.ts'

export interface Outcome { imported: number, organisations: number, present: ImportedPerson[] }

/** What the database says against a file. Nothing of it was imported. */
export class ImportRefused extends Error {
  readonly errors: LineError[]

  constructor (errors: LineError[]) {
    super(`${errors.length} lines cannot be imported`)
    this.errors = errors
  }
}

/**
 * Brings the people in, in the running transaction, as the owner behind forced policies: each row in the scope of its person and organisation. Who is there already
 * stays as they are. An organisation is the one that an earlier import made under this name, or a new one, which then needs an owner.
 */
export async function importPeople (sql: Sql, people: ImportedPerson[]): Promise<Outcome> {
  await sql`set local role aurora_owner`
  await sql`select pg_advisory_xact_lock(hashtextextended('auth.import', 0))`
  const [setup] = await setupNeeded(sql)
  // People without an installation would close the setup of the first owner for good.
  if (setup?.needed !== false) throw new Error('Aurora is not set up yet: set up the first owner, then import.')

  const present: ImportedPerson[] = []
  const fresh: ImportedPerson[] = []
  for (const person of people) {
    const [found] = await personByEmail(sql, person.email)
    if (found === undefined) fresh.push(person)
    else present.push(person)
  }
  const { ids, made } = await organisationsOf(sql, fresh)
  for (const person of fresh) await importPerson(sql, ids.get(person.organisation) ?? '', person)
  return { imported: fresh.length, organisations: made, present }
}

async function organisationsOf (sql: Sql, people: ImportedPerson[]): Promise<{ ids: Map<string, string>, made: number }> {
  const ids = new Map<string, string>()
  const errors: LineError[] = []
  let made = 0
  for (const [name, members] of Map.groupBy(people, person => person.organisation)) {
    const [known] = await sql<Array<{ id: string }>>`select org_id as id from auth.imported_organisations where name = ${name}`
    if (known !== undefined) {
      ids.set(name, known.id)
    } else if (members.some(({ role }) => role === 'owner')) {
      ids.set(name, await importOrganisation(sql, name))
      made++
    } else {
      errors.push(...members.map(({ line }) => ({ line, message: '/organisation would be new and have no owner: the file needs one with /role owner who is not in Aurora yet' })))
    }
  }
  if (errors.length > 0) throw new ImportRefused(errors)
  return { ids, made }
}

async function importOrganisation (sql: Sql, name: string): Promise<string> {
  const [ids] = await newIds(sql)
  const id = ids?.organisation ?? ''
  await enter(sql, id, '')
  await addOrganisation(sql, { id, name })
  await sql`insert into auth.imported_organisations (name, org_id) values (${name}, ${id})`
  await audit(sql, { action: 'auth.organisation.imported', target: id })
  return id
}

async function importPerson (sql: Sql, organisation: string, { email, name, passwordHash, role }: ImportedPerson): Promise<void> {
  const [ids] = await newIds(sql)
  const id = ids?.person ?? ''
  await enter(sql, organisation, id)
  await addPerson(sql, { id, email, name })
  await sql`insert into auth.passwords (person_id, hash) values (${id}, ${passwordHash})`
  await addMember(sql, organisation, id, role)
  // It was not this person who did it.
  await enter(sql, organisation, '')
  await audit(sql, { action: 'auth.person.imported', target: id, detail: { role, password: formOf(passwordHash)?.scheme ?? 'unknown' } })
}

const enter = (sql: Sql, organisation: string, person: string) => sql`
  select set_config('app.org_id', ${organisation}, true), set_config('app.person_id', ${person}, true)`
