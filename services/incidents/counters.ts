import type { Sql } from '#shared/database'

/** Takes the organisation's next incident number. The row stays locked until the transaction ends, so nobody else gets it. */
export const nextNumber = (sql: Sql, organisation: string) => sql<[{ number: number }]>`
  insert into incidents.counters (org_id, last_number)
  values (${organisation}, 1)
  on conflict (org_id) do update
  set last_number = counters.last_number + 1
  returning last_number as number`
