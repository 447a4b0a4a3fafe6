import type { ServiceName } from '#shared/peers'
import type { Person, System } from '#shared/testing/system'

export interface NewEvent { action: string, target?: string, outcome?: string, service?: ServiceName, person?: string, detail?: Record<string, string> }

/** Rows of the audit log as services write them, in this order, in the organisation of a person (and by that person unless another is named). */
export async function appendEvents (aurora: System, { organisation, person }: Pick<Person, 'organisation' | 'person'>, events: NewEvent[]): Promise<void> {
  for (const { action, target = '', outcome = 'success', service = 'auth', person: actor = person, detail = {} } of events) {
    await aurora.sqlAs(service, { organisation, person: actor }, sql => sql`select audit.append(${action}, ${target}, ${outcome}, ${sql.json(detail)}, 'test')`)
  }
}

/** Many rows at once, each so many bytes long and a little more. */
export const appendMany = (aurora: System, { organisation, person }: Pick<Person, 'organisation' | 'person'>, count: number, bytes = 0) =>
  aurora.sqlAs('auth', { organisation, person }, sql => sql`
    select count(audit.append('credential.read', n::text, 'success', jsonb_build_object('pad', repeat('x', ${bytes}::integer)), 'test'))
    from generate_series(1, ${count}::integer) n`)
