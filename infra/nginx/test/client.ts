import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { connect, type ConnectionOptions } from 'node:tls'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
  json: () => Record<string, unknown>
}

export interface Client {
  request: (path: string, options?: { method?: string, headers?: OutgoingHttpHeaders, body?: string | Buffer }) => Promise<Answer>
  /** Bytes as they are, for what an HTTP library refuses to send. Answers with everything up to the end of the connection. */
  raw: (text: string | Buffer, options?: ConnectionOptions) => Promise<string>
  close: () => void
}

export function client (port: number, ca: string): Client {
  const agent = new Agent({ ca, keepAlive: true })
  return {
    close: () => agent.destroy(),
    request: (path, { method = 'GET', headers = {}, body } = {}) => new Promise((resolve, reject) => {
      const request = httpsRequest({ host: '127.0.0.1', port, servername: 'localhost', agent, path, method, headers }, response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject).on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, json: () => JSON.parse(text) as Record<string, unknown> })
        })
      })
      // A server that answers 413 closes while the body is still on its way.
      request.on('error', reject).end(body)
    }),
    raw: (text, options = {}) => new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost', ALPNProtocols: ['http/1.1'], ...options }, () => socket.write(text))
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('close', () => resolve(Buffer.concat(chunks).toString())).on('error', reject)
    })
  }
}
