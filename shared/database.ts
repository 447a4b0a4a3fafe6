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
  const pool = postgres(options.url, {
    password: options.password,
    max: options.connections,
    connect_timeout: 5,
    // A connection is replaced after half an hour, so that it takes up rotated certificates and passwords.
    max_lifetime: 30 * 60,
    // A query that waits longer than any caller would is ended by the server.
    connection: { application_name: options.service, statement_timeout: 10_000, idle_in_transaction_session_timeout: 15_000 },
    ssl: tlsOptions(options),
    onnotice: () => {}
  })

  async function inScope<T> (scope: Scope, work: (sql: Sql) => PromiseLike<T>): Promise<T> {
    const connection = await reserve(pool)
    try {
      return await transact(connection, scope, work)
    } catch (error) {
      throw isOutage(error) ? unavailable('The database is not available.', 2, error) : error
    } finally {
      connection.release()
    }
  }

  return {
    inScope,
    resolve: work => inScope(nobody, work),
    ping: async () => { await pool`select 1` },
    listen: async (channel, onNotify, onListening) => { await pool.listen(channel, onNotify, onListening) },
    close: () => pool.end({ timeout: 5 })
  }
}

/**
 * Nothing here waits for `begin` or the scope: the server handles what arrives in order. When one of them fails, the transaction is aborted,
 * each later statement fails too, and `commit` is a rollback; so no statement can run outside its scope. An awaited failure rolls back.
 */
async function transact<T> (connection: postgres.ReservedSql, scope: Scope, work: (sql: Sql) => PromiseLike<T>): Promise<T> {
  const opening = [
    connection`begin`.execute(),
    connection`select set_config('app.org_id', ${scope.organisation ?? ''}, true), set_config('app.person_id', ${scope.person ?? ''}, true)`.execute()
  ]
  // Their errors are those of the first statement of the work; without this they would be unhandled as well.
  for (const statement of opening) statement.catch(() => {})
  try {
    const pending = work(connection)
    if (isQuery(pending)) {
      pending.execute()
      pending.catch(() => {})
      const committed = connection`commit`.execute()
      committed.catch(() => {})
      await Promise.all(opening)
      const result = await pending
      return confirm(await committed, result)
    }
    const result = await pending
    await Promise.all(opening)
    return confirm(await connection`commit`, result)
  } catch (error) {
    // After a pipelined commit this only warns. A lost connection takes no more statements, and the server has rolled back already.
    if (!isOutage(error)) await connection`rollback`.catch(() => {})
    throw error
  }
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
