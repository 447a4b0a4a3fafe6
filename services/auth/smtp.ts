import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { composeMail, type Composed } from './mail-message.ts'
import type { Deliver } from './mailer.ts'
import { NotTaken } from './not-taken.ts'
import type { SmtpServer } from './smtp-settings.ts'

export interface Smtp {
  deliver: Deliver
  close: () => void
}

/** Milliseconds: all of one message, however slowly the server answers. Shorter than the lease of its row, so that nobody else sends it meanwhile. */
const deadline = 40_000
/** Milliseconds that each part of it may take. */
const limits = { dnsTimeout: 5_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, socketCloseTimeout: 1_000, maxResponseSize: 64 * 1024 }
/** Milliseconds that a connection waits for the next message. */
const idleFor = 5_000
const mostConnections = 3

/** Milliseconds between two looks for another password. */
const askAgain = 60_000

type Options = Partial<typeof limits> & {
  deadline?: number
  /** The password as it is now: asked for when the server refuses the one that is known, so that a changed one takes no restart. */
  password?: () => Promise<string>
}

/** Hands messages to a mail server over a few connections, which are used again. */
export function createSmtp (server: SmtpServer, options: Options = {}): Smtp {
  const { deadline: longest = deadline, password: ask, ...own } = options
  let { password } = server
  let askedAt = -Infinity
  const idle = new Set<SMTPConnection>()
  const open = new Set<SMTPConnection>()
  const waiting = new Set<() => void>()
  let busy = 0

  async function turn (signal: AbortSignal): Promise<void> {
    if (busy < mostConnections) {
      busy++
      return
    }
    await new Promise<void>((resolve, reject) => {
      waiting.add(resolve)
      signal.addEventListener('abort', () => { if (waiting.delete(resolve)) reject(new NotTaken('there was no turn in time')) }, { once: true })
    })
  }

  function passOn (): void {
    const [next] = waiting
    if (next === undefined) {
      busy--
      return
    }
    waiting.delete(next)
    next()
  }

  async function connect (signal: AbortSignal): Promise<SMTPConnection> {
    const [known] = idle
    if (known !== undefined) {
      idle.delete(known)
      return known
    }
    const connection = new SMTPConnection({
      ...limits,
      ...own,
      host: server.host,
      port: server.port,
      name: server.from.address.slice(server.from.address.lastIndexOf('@') + 1),
      secure: server.encryption === 'tls',
      requireTLS: server.encryption === 'starttls',
      ignoreTLS: server.encryption === 'none',
      tls: { minVersion: 'TLSv1.2', ...server.ca === undefined ? {} : { ca: server.ca } }
    })
    open.add(connection)
    // Also while it is idle, when nobody waits for an answer.
    connection.on('error', () => { drop(connection) })
    connection.on('end', () => { drop(connection) })
    await answered(connection, signal, done => connection.connect(done))
    if (server.user !== '') {
      await answered(connection, signal, done => connection.login({ user: server.user, pass: password }, done)).catch(async (error: unknown) => {
        await learn(error)
        throw error
      })
    }
    return connection
  }

  /** The message that met the old password is tried again like any other. */
  async function learn (error: unknown): Promise<void> {
    if (ask === undefined || (error as { code?: string }).code !== 'EAUTH' || performance.now() - askedAt < askAgain) return
    askedAt = performance.now()
    password = await ask().catch(() => password)
  }

  function drop (connection: SMTPConnection): void {
    idle.delete(connection)
    if (open.delete(connection)) connection.close()
  }

  /** Kept for the next message, a little while. */
  function keep (connection: SMTPConnection): void {
    if (!open.has(connection)) return
    idle.add(connection)
    setTimeout(() => { if (idle.has(connection)) drop(connection) }, idleFor).unref()
  }

  /** One step at the server. Whatever goes wrong, the connection is not used again. */
  async function answered (connection: SMTPConnection, signal: AbortSignal, step: (done: (error?: Error | null) => void) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const lost = (error?: Error) => reject(error ?? new NotTaken('the connection ended'))
      connection.once('error', lost)
      connection.once('end', lost)
      signal.addEventListener('abort', () => reject(new NotTaken('the server is too slow')), { once: true })
      step(error => {
        connection.off('error', lost)
        connection.off('end', lost)
        if (error == null) resolve()
        else reject(error)
      })
    }).catch((error: unknown) => {
      drop(connection)
      throw error
    })
  }

  async function send ({ raw, to }: Composed, signal: AbortSignal): Promise<void> {
    await turn(signal)
    try {
      const connection = await connect(signal)
      await answered(connection, signal, done => connection.send({ from: server.from.address, to: [to], size: raw.length }, raw, done))
      keep(connection)
    } finally {
      passOn()
    }
  }

  return {
    async deliver (mail, id) {
      const signal = AbortSignal.timeout(longest)
      await send(await composeMail(mail, id, server.from), signal).catch((error: unknown) => { throw inWords(error) })
    },
    close () {
      for (const connection of [...open]) drop(connection)
    }
  }
}

/** The server's text may hold the address, or what it was sent: of its answer only the number is told, and of our own errors the kind. */
function inWords (error: unknown): NotTaken {
  if (error instanceof NotTaken) return error
  const { code = 'failed', command = '', responseCode } = error as { code?: string, command?: string, responseCode?: number }
  // Of its recipient or its content. A refused password, or a server that wants no mail of ours at all, is the operator's to mend.
  const permanent = responseCode !== undefined && responseCode >= 500 && ['RCPT TO', 'DATA'].includes(command)
  return new NotTaken(`${code}${command === '' ? '' : ` at ${command.split(' ').slice(0, 2).join(' ')}`}${responseCode === undefined ? '' : `, answered ${responseCode}`}`, permanent)
}
