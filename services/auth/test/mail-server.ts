import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { issuePublic } from '../../../infra/certificates/issue.ts'
import { newAuthority, pem } from '../../../infra/certificates/authority.ts'

export interface Received {
  from: string
  to: string[]
  raw: string
  secure: boolean
  user: string
  /** Of the connection it came by. */
  session: string
}

/** A certificate for this machine, another by the same authority for a name that is not, and the authority. */
export async function mailCertificate () {
  const ca = await newAuthority({ name: 'Mail' })
  return { ca: pem(ca.certificate), ...await issuePublic({ ca, hosts: ['localhost', '127.0.0.1'] }), elsewhere: await issuePublic({ ca, hosts: ['elsewhere.example'] }) }
}

/** A real mail server that keeps what it is given. `refuse` may answer a number with which a recipient is turned away. */
export async function startMailServer ({ port = 0, user, refuse = () => null, ...options }: { port?: number, user?: { name: string, password: string }, refuse?: (address: string) => number | null } & SMTPServerOptions) {
  const received: Received[] = []
  const server = new SMTPServer({
    logger: false,
    closeTimeout: 100,
    authOptional: user === undefined,
    onAuth ({ username, password }, _session, done) {
      if (username === user?.name && password === user?.password) done(null, { user: username })
      else done(Object.assign(new Error(`no, ${password} is wrong`), { responseCode: 535 }))
    },
    onRcptTo ({ address }, _session, done) {
      const code = refuse(address)
      if (code === null) done()
      else done(Object.assign(new Error(`${address} is not wanted here`), { responseCode: code }))
    },
    onData (stream, session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(parts).toString(),
          secure: session.secure,
          user: String(session.user ?? ''),
          session: session.id
        })
        done()
      })
    },
    ...options
  })
  server.on('error', () => {})
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    to: (email: string) => received.filter(({ to }) => to.includes(email)),
    close: () => new Promise<void>(resolve => { server.close(() => resolve()) })
  }
}

/** A server that says what the test wants; what it heard is kept. */
export async function startHostileServer (converse: (socket: Socket, heard: string, all: () => string) => void, greeting = '220 hello\r\n') {
  let heard = ''
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('data', data => {
      heard += data.toString('latin1')
      converse(socket, data.toString('latin1'), () => heard)
    })
    socket.write(greeting)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    heard: () => heard,
    connections: () => sockets.size,
    close () {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}
