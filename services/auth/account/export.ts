import type { FastifyInstance } from 'fastify'
import { Readable } from 'node:stream'
import { forbidden, limited, unavailable } from '#shared/errors'
import type { ExportedRows } from '#shared/person-data'
import type { LiveSession } from '../sessions.ts'
import { organisationsOfAccount } from './deletion.ts'
import { ownRows } from './own-rows.ts'
import { callHolder, holders, type Holder } from './services.ts'

/** Exports under way in this process, and of one person. Each keeps its page for as long as its reader likes. */
const most = { atAll: 16, perPerson: 1 }
/** Milliseconds after which an export is cut off, however slowly it is read. */
const longest = 15 * 60_000

type Rows = AsyncGenerator<Array<Record<string, unknown>>>

/**
 * Everything that is held about a person in the organisations that they belong to, as one JSON document that is written while it is read: a part per service, each with its rows and whether they are
 * all of them, and at the end whether every part is. A service that is down leaves its part incomplete and the others whole. Whoever is signed out
 * meanwhile gets no further page: the connection is cut, and half a document is no JSON.
 */
export function createAccountExports (app: FastifyInstance) {
  const open = new Set<LiveSession>()

  async function * document (session: LiveSession): AsyncGenerator<string> {
    const { person, email, personName: name } = session
    const deadline = Date.now() + longest
    let complete = true
    yield `{"exportedAt":${JSON.stringify(new Date())},"person":${JSON.stringify({ id: person, email, name })},"parts":{`
    const parts: Array<[string, () => Rows]> = [['auth', () => ownRows(app.database, person, email)], ...holders.map((holder): [string, () => Rows] => [holder, () => heldBy(holder, person)])]
    for (const [index, [part, rows]] of parts.entries()) {
      yield `${index === 0 ? '' : ','}${JSON.stringify(part)}:{"records":[`
      const ended = yield * records(rows(), () => assertAlive(session, deadline), part)
      complete &&= ended
      yield `],"complete":${String(ended)}}`
    }
    yield `},"complete":${String(complete)}}\n`
  }

  /** Answers whether these were all. */
  async function * records (rows: Rows, assertGoesOn: () => Promise<void>, part: string): AsyncGenerator<string, boolean> {
    let first = true
    for (;;) {
      await assertGoesOn()
      const page = await rows.next().catch((error: unknown) => {
        app.log.warn({ event: 'auth.account.export-incomplete', part, err: error }, 'a part of an export is not whole')
        return null
      })
      if (page === null) return false
      if (page.done === true) return true
      yield `${first ? '' : ','}${page.value.map(row => JSON.stringify(row)).join(',')}`
      first = false
    }
  }

  async function * heldBy (holder: Holder, person: string): Rows {
    let cursor: string | null = null
    do {
      const page: ExportedRows = await callHolder<ExportedRows>(app, holder, 'person:export', {
        path: `/internal/people/${person}/export${cursor === null ? '' : `?cursor=${cursor}`}`,
        timeout: 10_000
      })
      // Asked for each page: whoever was removed takes no more of that organisation with them, and its incidents and conversations are full of it.
      const own = await app.database.inScope({ organisation: null, person }, sql => organisationsOfAccount(sql, person))
      const records = page.records.filter(({ organisation }) => own.some(({ id }) => id === organisation))
      if (records.length > 0) yield records
      cursor = page.next
    } while (cursor !== null)
  }

  async function assertAlive (session: LiveSession, deadline: number): Promise<void> {
    if (Date.now() > deadline) throw unavailable('The export took too long.')
    if (await app.auth.sessions.alive({ session: session.id, person: session.person, organisation: session.organisation }) === null) throw forbidden()
  }

  return {
    /** `record` writes down that the data leaves, and has done so before the first byte of it does. */
    async begin (session: LiveSession, record: () => PromiseLike<unknown>): Promise<Readable> {
      if ([...open].filter(({ person }) => person === session.person).length >= most.perPerson) throw limited(10)
      if (open.size >= most.atAll) throw unavailable('There are too many exports under way.', 10)
      open.add(session)
      try {
        await record()
      } catch (error) {
        open.delete(session)
        throw error
      }
      const stream = Readable.from(document(session), { objectMode: false })
      stream.once('close', () => open.delete(session))
      return stream
    }
  }
}
