import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from './audit.ts'
import type { AuditAction } from './audit-actions.ts'
import type { Database, Sql } from './database.ts'
import { badRequest } from './errors.ts'
import { closed, Id } from './schemas.ts'

/** Rows of one kind that a service holds about the scope's person in the scope's organisation: from behind an id on, in the order of ids. */
export interface Kind {
  name: string
  page: (sql: Sql, after: string | null, limit: number) => PromiseLike<Array<{ id: string }>>
}

/** What a service holds about people, and how it lets go of it. */
export interface PersonData {
  /** Where there is something of a person. Without a scope. */
  organisations: (sql: Sql, person: string) => PromiseLike<Array<{ id: string }>>
  kinds: readonly Kind[]
  /** Erases what there is in one organisation, as often as it is asked. Answers how many rows it was. */
  erase: (request: FastifyRequest, organisation: string, person: string) => Promise<number>
}

/** A row as it is exported, with its kind and organisation. */
const Row = Type.Object({ kind: Type.String(), organisation: Id }, { additionalProperties: true })
const ExportPage = closed({ records: Type.Array(Row), next: Type.Union([Type.String(), Type.Null()]) })
export type ExportedRows = Static<typeof ExportPage>

/** Rows and bytes of one answer; a single row may be larger. Four times less than a client of the inside takes. */
const most = { rows: 200, bytes: 1024 * 1024 }

/**
 * The internal routes by which `auth` exports and erases a person, the same in every service. Both are work that spans organisations and (the second) has no
 * session any more, so no person's token could carry it: each has a service token of its own scope, which auth alone may hold.
 */
export const personDataRoutes: FastifyPluginAsync<PersonData> = async (app, { organisations, kinds, erase }) => {
  const Params = closed({ id: Id })
  const Cursor = Type.String({ pattern: '^[0-9]{1,2}\\.[0-9a-f-]{36}\\.([0-9a-f-]{36})$', maxLength: 80 })
  const placesOf = (person: string) => app.database.resolve(sql => organisations(sql, person))

  app.get<{ Params: { id: string }, Querystring: { cursor?: string } }>('/internal/people/:id/export', {
    config: { callers: ['auth'], access: 'service', permission: 'person:export', limit: false },
    schema: { params: Params, querystring: closed({ cursor: Type.Optional(Cursor) }), response: { 200: ExportPage } }
  }, async (request, reply) => {
    const person = request.params.id.toLowerCase()
    const places = (await placesOf(person)).map(({ id }) => id)
    reply.header('cache-control', 'no-store')
    return await pageOf(app.database, kinds, person, places, request.query.cursor)
  })

  app.post<{ Params: { id: string } }>('/internal/people/:id/erase', {
    config: { callers: ['auth'], access: 'service', permission: 'person:erase', limit: false },
    schema: { params: Params, response: { 200: closed({ erased: Type.Integer() }) } }
  }, async request => {
    const person = request.params.id.toLowerCase()
    let erased = 0
    for (const { id } of await placesOf(person)) erased += await erase(request, id, person)
    request.log.warn({ event: 'person.erased', person, rows: erased }, 'a person was erased')
    return { erased }
  })
}

/** An erasing statement, again until it finds no more, each time with its row in the log of the organisation. The person is what it is done to and not who does it, so they are in no scope. */
export function eraseWith (database: Database, action: AuditAction, statement: (sql: Sql, person: string) => PromiseLike<Array<{ rows: number }>>) {
  const eraseSome = (request: FastifyRequest, organisation: string, person: string): Promise<number> =>
    database.inScope({ organisation, person: null }, async sql => {
      const rows = (await statement(sql, person))[0]?.rows ?? 0
      if (rows > 0) await audit(sql, { action, target: person, detail: { rows }, requestId: request.id })
      return rows
    })
  return async (request: FastifyRequest, organisation: string, person: string): Promise<number> => {
    let erased = 0
    for (let rows = -1; rows !== 0; erased += rows) rows = await eraseSome(request, organisation, person)
    return erased
  }
}

async function pageOf (database: Database, kinds: readonly Kind[], person: string, organisations: string[], cursor: string | undefined): Promise<ExportedRows> {
  const places = organisations.flatMap(organisation => kinds.map((kind, index) => ({ organisation, kind, index })))
  const [index, organisation, last] = cursor?.split('.') ?? []
  const begin = cursor === undefined ? 0 : places.findIndex(place => place.organisation === organisation && String(place.index) === index)
  if (begin === -1) throw badRequest('There is no such place any more.')
  let after = last ?? null
  for (const place of places.slice(begin)) {
    const rows = await database.inScope({ organisation: place.organisation, person }, sql => place.kind.page(sql, after, most.rows))
    after = null
    const kept = withinBytes(rows)
    if (kept.length === 0) continue
    return {
      records: kept.map(row => ({ kind: place.kind.name, organisation: place.organisation, ...row })),
      next: `${place.index}.${place.organisation}.${kept.at(-1)?.id ?? ''}`
    }
  }
  return { records: [], next: null }
}

function withinBytes<R> (rows: R[]): R[] {
  let bytes = 0
  const end = rows.findIndex((row, index) => (bytes += Buffer.byteLength(JSON.stringify(row))) > most.bytes && index > 0)
  return end === -1 ? rows : rows.slice(0, end)
}
