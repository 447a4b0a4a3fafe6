import { Secret, TOTP } from 'otpauth'
import type { Answer } from '#shared/testing/browser'
import { system, type Person } from '#shared/testing/system'
import { throttleKey } from '../throttles.ts'

/** Someone with an authenticator app: `code` answers a new code each time, of the next time step that was not shown. */
export interface Factored { person: Person, factor: string, secret: string, recoveryCodes: string[], code: () => Promise<string> }

export const codeAt = (secret: string, at = Date.now()): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at })

/** The app's steps are half a minute long: instead of waiting for the next, the last one that was used is forgotten. */
export const forgetStep = async (person: Person) => { await (await system()).sql()`update auth.factors set last_step = 0 where person_id = ${person.person}` }

export async function addTotp (person: Person): Promise<Factored> {
  const begun = expect(await person.request('POST', '/api/auth/factors/totp', { label: 'Phone' }), 201)
  const { id, secret } = begun.body as { id: string, secret: string }
  const confirmed = expect(await person.request('POST', `/api/auth/factors/totp/${id}/confirm`, { totp: codeAt(secret) }), 200)
  return {
    person,
    factor: id,
    secret,
    recoveryCodes: (confirmed.body as { recoveryCodes: string[] }).recoveryCodes,
    async code () {
      await forgetStep(person)
      return codeAt(secret)
    }
  }
}

/** The first step of a sign-in in this browser, without what it was before. */
export const firstStep = (browser: Pick<Person, 'request'>, { email, password }: Person) => browser.request('POST', '/api/auth/login', { email, password })

export function expect (answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`Expected ${status}, got ${answer.status}: ${answer.text.slice(0, 300)}`)
  return answer
}

/** Guesses at second factors are held back for seconds and minutes: forgets those, and no other counter, which tests beside this one look at. */
export async function forgetGuesses (): Promise<void> {
  const sql = (await system()).sql()
  const counters = await sql<Array<{ counter: string }>>`
    select person_id::text as counter from auth.factors
    union
    select person_id::text || ' ' || devices.id::text from auth.devices where person_id in (select person_id from auth.factors)`
  if (counters.length > 0) await sql`delete from auth.throttles where key in ${sql(counters.map(({ counter }) => throttleKey('factor', counter)))}`
}
