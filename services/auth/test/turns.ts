import type { TransactionSql } from 'postgres'
import { eventually, system } from '#shared/testing/system'

/** What is asked while somebody else changes something that it needs: it waits for that commit. */
export async function askedWhile<T> (change: (sql: TransactionSql) => PromiseLike<unknown>, ask: () => Promise<T>): Promise<T> {
  const sql = (await system()).sql()
  let asked: Promise<T> | undefined
  await sql.begin(async turn => {
    await change(turn)
    asked = ask()
    await eventually(async () => (await sql`select 1 from pg_stat_activity where usename = 'aurora_auth' and wait_event_type = 'Lock'`).length > 0, 'it to wait')
  })
  return await (asked as Promise<T>)
}

/** The row of a person, which everything that ends or begins for them takes turns at. */
export const turnOf = (sql: TransactionSql, person: string) => sql`
  select 1
  from auth.people
  where id = ${person}
  for no key update`
