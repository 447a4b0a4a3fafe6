import { Type } from 'typebox'
import { Errors } from 'typebox/value'
import { Problem } from '#shared/errors'
import { roles, type Role } from '#shared/roles'
import { closed } from '#shared/schemas'
import { emailOf } from '../../services/auth/email.ts'
import { nameOf } from '../../services/auth/names.ts'
import { formOf } from '../../services/auth/password-hashes.ts'
import { Email, Name } from '../../services/auth/schemas.ts'

export interface ImportedPerson { line: number, email: string, name: string, passwordHash: string, organisation: string, role: Role }
export interface LineError { line: number, message: string }

const Line = closed({ email: Email, name: Name, passwordHash: Type.String({ maxLength: 400 }), organisation: Name, role: Type.String({ maxLength: 20 }) })
const longest = 4096

/** The people of a file, one JSON object a line, and all that is wrong with it. No message repeats what stands in the file: there are hashes in it. */
export function peopleIn (file: Buffer): { people: ImportedPerson[], errors: LineError[] } {
  const people: ImportedPerson[] = []
  const errors: LineError[] = []
  const firstLineOf = new Map<string, number>()
  let line = 0
  for (const bytes of linesOf(file)) {
    line++
    const { person, wrong } = personIn(bytes)
    errors.push(...wrong.map(message => ({ line, message })))
    if (person === undefined) continue
    const first = firstLineOf.get(person.email)
    if (first === undefined) firstLineOf.set(person.email, line)
    else errors.push({ line, message: `/email stands on line ${first} already` })
    people.push({ line, ...person })
  }
  if (line === 0) errors.push({ line: 1, message: 'the file is empty' })
  return { people, errors }
}

function * linesOf (file: Buffer): Generator<Buffer> {
  for (let begin = 0; begin < file.length;) {
    const end = file.indexOf(0x0a, begin)
    yield file.subarray(begin, end === -1 ? file.length : end)
    begin = end === -1 ? file.length : end + 1
  }
}

function personIn (bytes: Buffer): { person?: Omit<ImportedPerson, 'line'>, wrong: string[] } {
  if (bytes.length > longest) return { wrong: [`is longer than ${longest} bytes`] }
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return { wrong: ['is not a JSON object in UTF-8'] }
  }
  const malformed = Errors(Line, value).filter(({ keyword }) => keyword !== 'boolean').map(({ instancePath, message }) => `${instancePath} ${message}`.trim())
  if (malformed.length > 0) return { wrong: malformed }
  const { email, name, passwordHash, organisation, role } = value as Record<'email' | 'name' | 'passwordHash' | 'organisation' | 'role', string>
  const wrong: string[] = []
  const person = {
    email: kept(() => emailOf(email), wrong),
    name: kept(() => nameOf(name, '/name'), wrong),
    passwordHash,
    organisation: kept(() => nameOf(organisation, '/organisation'), wrong),
    role: roles.find(known => known === role) ?? 'viewer'
  }
  if (person.role !== role) wrong.push(`/role is none of ${roles.join(', ')}`)
  if (formOf(passwordHash) === null) wrong.push('/passwordHash is neither bcrypt ($2a$ or $2b$, 8 to 14 rounds) nor argon2id (v=19, at most 128 MiB, and 512 MiB over all its passes)')
  return wrong.length > 0 ? { wrong } : { person, wrong }
}

function kept (make: () => string, wrong: string[]): string {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    wrong.push(...(error.errors ?? []).map(({ path, message }) => `${path} ${message}`))
    return ''
  }
}
