import type { FastifyInstance } from 'fastify'
import { Readable } from 'node:stream'
import { forbidden, limited, unavailable } from '#shared/errors'
import { permissionsOf } from '#shared/roles'
import { auditEventsOf, type AuditFilter } from './audit-events.ts'
import { formats, type FormatName } from './audit-formats.ts'
import { scopeOfKey } from './session-finder.ts'
import type { SessionKey } from './sessions.ts'

/** Rows in memory at once: half a megabyte as they mostly are, 10 MB at the very most. */
const page = 500
/** Exports under way in this process, and of one person. Each keeps its page for as long as its reader likes. */
const most = { atAll: 16, perPerson: 2 }
/** Milliseconds after which an export is cut off, however slowly it is read. */
const longest = 15 * 60_000

/**
 * The log as one stream of lines, newest first. It is read page by page, each in a transaction of its own and only when the reader has taken the one before: a
 * reader that stands still holds neither a connection nor more than a page. Whoever loses session or role meanwhile gets no further page: the
 * connection is cut, so that nobody takes the part for the whole.
 */
export function createExports (app: Pick<FastifyInstance, 'database' | 'auth'>) {
  const open = new Set<SessionKey>()

  async function * lines (key: SessionKey, filter: AuditFilter, { head, line }: typeof formats[FormatName]): AsyncGenerator<string> {
    const deadline = Date.now() + longest
    let before: string | null = null
    if (head !== '') yield head
    for (;;) {
      if (Date.now() > deadline) throw unavailable('The export took too long.')
      const session = await app.auth.sessions.alive(key)
      if (session === null || !permissionsOf(session.role, 'auth').includes('audit:export')) throw forbidden()
      const rows = await app.database.inScope(scopeOfKey(key), sql => auditEventsOf(sql, filter, { before, limit: page }))
      if (rows.length > 0) yield rows.map(line).join('')
      before = rows.at(-1)?.id ?? null
      if (rows.length < page) return
    }
  }

  function assertRoom (person: string): void {
    if ([...open].filter(key => key.person === person).length >= most.perPerson) throw limited(10)
    if (open.size >= most.atAll) throw unavailable('There are too many exports under way.', 10)
  }

  return {
    /** `record` writes down that the log leaves, and has done so before the first byte of it does. */
    async begin (key: SessionKey, filter: AuditFilter, format: FormatName, record: () => PromiseLike<unknown>): Promise<Readable> {
      assertRoom(key.person)
      open.add(key)
      try {
        await record()
      } catch (error) {
        open.delete(key)
        throw error
      }
      const stream = Readable.from(lines(key, filter, formats[format]), { objectMode: false })
      stream.once('close', () => open.delete(key))
      return stream
    }
  }
}
