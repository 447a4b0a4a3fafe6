import { randomBytes } from 'node:crypto'
import type { System } from '#shared/testing/system'

/** Addresses of one length, since the length of a body can be measured too. */
const address = () => `oracle-${randomBytes(8).toString('hex')}@example.test`

/** Each kind of account that a stranger must not be able to tell from none. */
export async function makeAccounts (aurora: System) {
  const sql = aurora.sql()
  async function withAddress (change: (person: string) => Promise<unknown>): Promise<string> {
    const { person } = await aurora.signUp({ organisation: 'Oracle' })
    const email = address()
    await sql`update auth.people set email = ${email} where id = ${person}`
    await change(person)
    return email
  }
  const unverified = address()
  const { status } = await aurora.visitor().request('POST', '/api/auth/register', { email: unverified })
  if (status !== 202) throw new Error(`A registration was not taken: ${status}`)
  return {
    known: await withAddress(async () => {}),
    unverified,
    disabled: await withAddress(person => sql`update auth.people set disabled_at = now() where id = ${person}`),
    'provider-only': await withAddress(person => sql`delete from auth.passwords where person_id = ${person}`)
  }
}

export type Kind = keyof Awaited<ReturnType<typeof makeAccounts>>

/** Nobody has it, and nobody asked about it before. */
export const unknownAddress = address
