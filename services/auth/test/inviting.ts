import { randomBytes } from 'node:crypto'
import type { Role } from '#shared/roles'
import type { Answer } from '#shared/testing/browser'
import { tokenIn } from '#shared/testing/mail'
import { system, type Person } from '#shared/testing/system'

const aurora = await system()
export const current = '/api/organisations/current'
export const newAddress = () => `invited-${randomBytes(8).toString('hex')}@example.test`

export const invite = (host: Person, email: string, role: Role = 'responder'): Promise<Answer> => host.request('POST', `${current}/invitations`, { email, role })

/** The id of a new invitation and the token that was mailed with it. */
export async function invited (host: Person, email: string, role?: Role): Promise<{ id: string, token: string }> {
  const before = (await aurora.mailsTo(email, 0)).length
  const { status, body, text } = await invite(host, email, role)
  if (status !== 201) throw new Error(`The invitation was answered with ${status}: ${text}`)
  return { id: body.id, token: tokenIn((await aurora.mailsTo(email, before + 1)).at(-1)) }
}

export const accept = (person: Person, token: string): Promise<Answer> => person.request('POST', '/api/organisations/invitations/accept', { token })

export const switchTo = (person: Person, organisation: string): Promise<Answer> => person.request('POST', '/api/organisations/switch', { organisation })

/** Somebody with an organisation of their own who has joined another's too; their session is still in their own. */
export async function traveller (host: Person, role: Role = 'responder'): Promise<Person> {
  const person = await aurora.signUp({ organisation: 'Home' })
  const answer = await accept(person, (await invited(host, person.email, role)).token)
  if (answer.status !== 200) throw new Error(`The invitation could not be accepted: ${answer.text}`)
  return person
}

export const signIn = (person: Person): Promise<Answer> => person.request('POST', '/api/auth/login', { email: person.email, password: person.password })

/** As if their last proof was an hour ago. */
export const unproved = (person: Person) => aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`

/** The names of what the person's organisation has in its audit log, the newest first. */
export async function actions (person: Person): Promise<string[]> {
  const rows = await aurora.sql()<Array<{ action: string }>>`select action from audit.events where org_id = ${person.organisation} order by id desc`
  return rows.map(({ action }) => action)
}
