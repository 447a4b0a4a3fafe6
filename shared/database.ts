import postgres from 'postgres'
import { readFileSync } from 'node:fs'
import { unavailable } from './errors.ts'
import { tlsTo } from './client.ts'
import type { Identity } from './tls.ts'

/** In whose name the database answers. Both go into the transaction's settings, where the policies read them. */
export interface Scope {
  organisation: string | null
  person: string | null
}

export type Sql = postgres.ISql

export interface Database {
  /**
   * Begins a transaction, sets the scope, does the work and commits: there is no other way to the tables.
   * Work that returns a query without awaiting it goes out in one flight with `begin`, the scope and `commit`.
   */
  inScope: <T>(scope: Scope, work: (sql: Sql) => PromiseLike<T>) => Promise<T>
  /** The same without a scope: for the resolvers and claims that precede one. Every policy then sees nobody. */
  resolve: <T>(work: (sql: Sql) => PromiseLike<T>) => Promise<T>
  /** Whether PostgreSQL answers. */
  ping: () => Promise<void>
  /** Listens on a channel; notifications carry ids only. */
  listen: (channel: string, onNotify: (payload: string) => void, onListening?: () => void) => Promise<void>
  close: () => Promise<void>
}

export interface DatabaseOptions {
  /** Without a password in it. */
  url: string
  password: () => string | Promise<string>
  connections: number
  identity: () => Identity
  caFile?: string | undefined
  service: string
}

const nobody: Scope = { organisation: null, person: null }

export function openDatabase (options: DatabaseOptions): Database {
  const settings = {
    password: options.password,
    connect_timeout: 5,
    // A connection is replaced after half an hour, so that it takes up rotated certificates and passwords.
    max_lifetime: 30 * 60,
    // A query that waits longer than any caller would is ended by the server.
    connection: { application_name: options.service, statement_timeout: 10_000, idle_in_transaction_session_timeout: 15_000 },
    ssl: tlsOptions(options),
    onnotice: () => {}
  }
  const newPool = () => postgres(options.url, { ...settings, max: options.connections })
  const listener = postgres(options.url, { ...settings, max: 1 })
  let pool = newPool()

  async function inScope<T> (scope: Scope, work: (sql: Sql) => PromiseLike<T>): Promise<T> {
    const used = pool
    try {
      return await transact(used, scope, work)
    } catch (error) {
      if (!isOutage(error)) throw error
      replace(used)
      throw unavailable('The database is not available.', 2, error)
    }
  }

  // A connection of postgres.js 3.4 that is cut with bytes still to be written never writes again, and would fail one request in ten for ever.
  function replace (broken: postgres.Sql): void {
    if (pool !== broken) return
    pool = newPool()
    broken.end({ timeout: 5 }).catch(() => {})
  }

  return {
    inScope,
    resolve: work => inScope(nobody, work),
    ping: async () => { await inScope(nobody, sql => sql`select 1`) },
    listen: async (channel, onNotify, onListening) => { await listener.listen(channel, onNotify, onListening) },
    close: async () => { await Promise.all([pool.end({ timeout: 5 }), listener.end({ timeout: 5 })]) }
  }
}

/**
 * Nothing here waits for `begin` or the scope: the server handles what arrives in order. When one of them fails, the transaction is aborted,
 * each later statement fails too, and `commit` is a rollback; so no statement can run outside its scope. An awaited failure rolls back.
 */
async function transact<T> (pool: postgres.Sql, scope: Scope, work: (sql: Sql) => PromiseLike<T>): Promise<T> {
  const opener = openerOf(scope)
  const connection = await reserve(pool)
  const fate = { lost: false }
  const sql = whileItLasts(connection, fate)
  const opening = begin(connection, fate, opener)
  // Its error is that of the first statement of the work; without this it would be unhandled as well.
  opening.catch(() => {})
  try {
    const pending = work(sql)
    if (isQuery(pending)) {
      pending.execute()
      pending.catch(() => {})
      const committed = connection`commit`.execute()
      committed.catch(() => {})
      await opening
      const result = await pending
      return confirm(await committed, result)
    }
    const result = await pending
    await opening
    return confirm(await sql`commit`, result)
  } catch (error) {
    // After a pipelined commit this only warns. A lost connection takes no more statements, and the server has rolled back already.
    if (!fate.lost && !isOutage(error)) await connection`rollback`.catch(() => {})
    throw error
  } finally {
    // A lost connection is no longer ours: the pool may have opened it again for somebody else.
    if (!fate.lost) connection.release()
  }
}

/** `onexecute` and `onclose` are how postgres.js itself follows the connection of a transaction; it does not offer them for a reserved one. */
interface Connection { onclose: ((error: Error) => void) | null }

function begin (connection: postgres.ReservedSql, fate: { lost: boolean }, opener: string) {
  const onexecute = (used: Connection): boolean => {
    used.onclose = () => { fate.lost = true }
    // False would end the pipelining of what follows.
    return true
  }
  return connection.unsafe(opener, [], { onexecute } as object).execute()
}

/** `begin` and the scope as one simple query: each statement of its own would cost a Sync, a flush and an answer more. */
function openerOf ({ organisation, person }: Scope): string {
  return `begin; set local app.org_id = ${literal(organisation)}; set local app.person_id = ${literal(person)}`
}

/** `set` takes no parameters, so nothing but a UUID may become part of its text. */
function literal (id: string | null): string {
  if (id === null) return "''"
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw new Error('A scope is made of UUIDs')
  return `'${id}'`
}

/**
 * The handle that work gets. When the connection is lost in the middle, postgres.js would send the next statement over the same connection as soon as it is open
 * again: by then it may carry another transaction, with another person's scope. So a statement after the loss is refused here.
 */
function whileItLasts (connection: postgres.ReservedSql, fate: { lost: boolean }): postgres.ReservedSql {
  return new Proxy(connection, {
    apply (target, self, args: Parameters<typeof connection>) {
      if (fate.lost) throw unavailable('The connection to the database was lost.')
      return Reflect.apply(target, self, args) as unknown
    }
  })
}

/** A connection of the pool within five seconds: a database that hangs is one that is absent. */
function reserve (pool: postgres.Sql): Promise<postgres.ReservedSql> {
  return new Promise((resolve, reject) => {
    let late = false
    const deadline = setTimeout(() => {
      late = true
      reject(unavailable('The database has no free connection.'))
    }, 5_000)
    pool.reserve().then(connection => {
      clearTimeout(deadline)
      // Nobody waits for one that comes too late.
      if (late) connection.release()
      else resolve(connection)
    }, (error: unknown) => {
      clearTimeout(deadline)
      reject(isOutage(error) ? unavailable('The database is not available.', 2, error) : error)
    })
  })
}

/** Connection errors of postgres.js and Node, and the SQLSTATEs of a server that is going or coming. */
function isOutage (error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^(CONNECT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ERR_SSL|ERR_TLS|57P0[123]$|53300$|08)/.test(code)
}

function confirm<T> (committed: postgres.RowList<postgres.Row[]>, result: T): T {
  if (committed.command !== 'COMMIT') throw new Error(`The transaction was rolled back (${committed.command})`)
  return result
}

function isQuery (value: unknown): value is postgres.PendingQuery<postgres.Row[]> {
  return value instanceof Promise && 'execute' in value && 'describe' in value
}

/** Our own server must carry its peer name; one outside is checked by its host name and the given CA. The getters are read for each connection. */
function tlsOptions ({ identity, caFile }: DatabaseOptions) {
  const own = caFile === undefined ? tlsTo('postgres', identity()) : undefined
  return {
    ...(own === undefined ? {} : { servername: own.servername, checkServerIdentity: own.checkServerIdentity }),
    get cert () { return identity().cert },
    get key () { return identity().key },
    get ca () { return caFile === undefined ? identity().ca : readFileSync(caFile, 'utf8') },
    minVersion: own === undefined ? 'TLSv1.2' as const : own.minVersion
  }
}
