import { readFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'

export interface Seen {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
  /** The URI SAN of who called. */
  caller: string
  serial: string
  protocol: string
  /** The same for requests on the same connection. */
  connection: number
}

type Answer = (request: Seen, response: ServerResponse) => void

export interface Peer {
  address: string
  seen: Seen[]
  /** Requests that are not auth's question. */
  last: () => Seen
  answer: (handler: Answer) => void
  onUpgrade: (handler: (request: IncomingMessage, socket: Duplex) => void) => void
  connections: () => number
  /** Bytes of bodies so far, of requests that are not complete too. */
  arriving: () => number
  listen: () => Promise<void>
  close: () => Promise<void>
}

/** auth says yes to everybody until a test decides otherwise; the others echo. */
const usual: Answer = (request, response) => {
  if (request.url === '/internal/authorize') response.setHeader('x-aurora-token', `token-for-${String(request.headers['x-aurora-audience'])}`).end()
  else response.setHeader('content-type', 'application/json').end(JSON.stringify(request))
}

/** A service's place behind the edge: real mutual TLS 1.3 with the peer's own certificate, and a memory of what arrived. */
export async function startPeer (name: string, folder: string): Promise<Peer> {
  const [cert, key, ca] = await Promise.all(['cert.pem', 'key.pem', 'ca.pem'].map(file => readFile(join(folder, file))))
  const seen: Seen[] = []
  let answer = usual
  let connections = 0
  let arrived = 0
  const numbers = new WeakMap<object, number>()

  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3', keepAliveTimeout: 65_000 })
  server.on('secureConnection', socket => numbers.set(socket, ++connections))
  server.on('request', async (request, response) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        chunks.push(chunk)
        arrived += chunk.length
      }
    } catch {
      // The edge gave the request up.
      return
    }
    const socket = request.socket as TLSSocket
    const entry: Seen = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      caller: socket.getPeerCertificate().subjectaltname?.match(/URI:([^,]+)/)?.[1] ?? '',
      serial: socket.getPeerCertificate().serialNumber ?? '',
      protocol: socket.getProtocol() ?? '',
      connection: numbers.get(socket) ?? 0
    }
    seen.push(entry)
    answer(entry, response)
  })
  await listen(server, 0)
  const { port } = server.address() as { port: number }
  return {
    address: `127.0.0.1:${port}`,
    seen,
    last: () => {
      const entry = seen.filter(one => one.url !== '/internal/authorize').at(-1)
      if (entry === undefined) throw new Error(`nothing reached ${name}`)
      return entry
    },
    answer: handler => { answer = handler },
    onUpgrade: handler => { server.on('upgrade', handler) },
    connections: () => connections,
    arriving: () => arrived,
    listen: () => listen(server, port),
    close: () => new Promise(resolve => { server.close(() => resolve()); server.closeAllConnections() })
  }
}

function listen (server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve()))
}
