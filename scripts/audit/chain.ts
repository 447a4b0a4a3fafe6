import { createHash } from 'node:crypto'
import type postgres from 'postgres'

/** The chain of what has no organisation. */
const none = '00000000-0000-0000-0000-000000000000'

export const organisationOf = (chain: string): string | null => chain === none ? null : chain
export const chainOf = (organisation: string | null): string => organisation ?? none
export const nameOf = (chain: string): string => chain === none ? 'no organisation' : chain

export interface Link {
  position: string
  hash: Buffer
  event: string
  /** Null when there is no such row. */
  row: Row | null
}

/** A row of audit.events as text that loses nothing. */
export interface Row {
  id: string
  /** Microseconds since 1970. */
  at: string
  xact: string
  service: string
  organisation: string | null
  person: string | null
  action: string
  target: string
  outcome: string
  detail: string
  request: string
}

/** The links of a chain in order, with their rows. Selected as they lie there: whoever owns the database can change its functions, so none of them is asked. */
export async function * linksOf (sql: postgres.ISql, chain: string): AsyncGenerator<Link> {
  const pages = sql<Array<Omit<Link, 'row'> & Omit<Row, 'id'> & { id: string | null }>>`
    select chain.position::text, chain.hash, chain.event_id as event,
      events.id, (extract(epoch from events.at) * 1000000)::bigint::text as at, events.xact::text, events.service, events.org_id as organisation,
      events.person_id as person, events.action, events.target, events.outcome, events.detail::text as detail, events.request_id as request
    from audit.chain
    left join audit.events on events.id = chain.event_id
    where chain.chain = ${chain}
    order by chain.position`.cursor(1_000)
  for await (const page of pages) {
    for (const { position, hash, event, id, ...row } of page) yield { position, hash, event, row: id === null ? null : { id, ...row } }
  }
}

export const genesis = (chain: string): Buffer => createHash('sha256').update(`aurora audit chain ${chain}`).digest()

export const nextHash = (head: Buffer, row: Row): Buffer => createHash('sha256').update(head).update(canonical(row)).digest()

/** What audit.canonical makes: one jsonb array as PostgreSQL writes it, with a blank after each comma. Both escape strings alike (RFC 8259 §7, the shortest way). */
export function canonical ({ id, at, xact, service, organisation, person, action, target, outcome, detail, request }: Row): string {
  const text = JSON.stringify
  return `[${[text(id), at, text(xact), text(service), text(organisation), text(person), text(action), text(target), text(outcome), detail, text(request)].join(', ')}]`
}
