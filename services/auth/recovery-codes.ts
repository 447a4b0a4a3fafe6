import { randomInt } from 'node:crypto'
import type { Sql } from '#shared/database'
import { hashOf } from './secret-values.ts'

/** Codes that a person prints. */
const count = 10
/** Without the letters and digits that are taken for one another. Twenty-four of these are 117 bits. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz'

/** Ten new codes, `xxxxxx-xxxxxx-xxxxxx-xxxxxx`. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: count }, () => Array.from({ length: 4 }, () => Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join('')).join('-'))

/** As typed: case, spaces and hyphens do not matter. What is used is the row, so that no other spelling opens it again. */
const hashOfCode = (code: string): Buffer => hashOf(`recovery-code:${code.toLowerCase().replace(/[\s-]/g, '')}`)

/** The codes of the scope's person are these from now on. */
export async function replaceRecoveryCodes (sql: Sql, person: string, codes: string[]): Promise<void> {
  await sql`delete from auth.recovery_codes where person_id = ${person}`
  for (const code of codes) await sql`insert into auth.recovery_codes (person_id, code_hash) values (${person}, ${hashOfCode(code)})`
}

/** What comes with a first factor, to be shown once. */
export async function firstRecoveryCodes (sql: Sql, person: string): Promise<string[]> {
  const codes = newRecoveryCodes()
  await replaceRecoveryCodes(sql, person, codes)
  return codes
}

export const recoveryCodesLeft = (sql: Sql, person: string) => sql<Array<{ left: number }>>`
  select count(*)::integer as left
  from auth.recovery_codes
  where person_id = ${person}
    and used_at is null`

export const unusedRecoveryCode = (sql: Sql, person: string, code: string) => sql<Array<{ hash: Buffer }>>`
  select code_hash as hash
  from auth.recovery_codes
  where person_id = ${person}
    and code_hash = ${hashOfCode(code)}
    and used_at is null`

/** Answers a row when it was this call that used it. */
export const useRecoveryCode = (sql: Sql, person: string, code: string) => sql<Array<{ hash: Buffer }>>`
  update auth.recovery_codes
  set used_at = now()
  where person_id = ${person}
    and code_hash = ${hashOfCode(code)}
    and used_at is null
  returning code_hash as hash`

/** The last factor has gone, and with it what stood in for one. */
export const removeRecoveryCodes = (sql: Sql, person: string) => sql`
  delete from auth.recovery_codes
  where person_id = ${person}`
