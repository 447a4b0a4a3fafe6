import { randomInt } from 'node:crypto'
import type { Socket as NetSocket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { WebSocket, type ClientOptions } from 'ws'
import { Agent, request as send, type Dispatcher } from 'undici'

/** What comes back: `body` is parsed where the answer is JSON, else its text. */
export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  // A test says itself what it expects of a body.
  body: any
  text: string
}

export type Method = Dispatcher.HttpMethod

/** Someone outside, at the public address: keeps cookies, sends the Origin that a browser would. */
export interface Browser {
  request: (method: Method, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
  /** The status alone, without waiting for the end of the answer: a stream has none. */
  status: (method: Method, path: string, body?: unknown, headers?: Record<string, string>) => Promise<number>
  socket: (path: string, headers?: Record<string, string>) => Promise<Socket>
  /** The Cookie header as it stands. */
  cookie: () => string
  setCookie: (cookie: string) => void
  /** The address that the edge sees. */
  address: string
  close: () => Promise<void>
}

export interface Socket {
  send: (frame: unknown) => void
  /** The first frame, from the beginning on, for which this holds; throws after five seconds (or `seconds`). */
  next: (matches: (frame: any) => boolean, seconds?: number) => Promise<any>
  frames: any[]
  readonly closed: Promise<{ code: number, reason: string }>
  close: () => void
  raw: WebSocket
}

export function openBrowser (url: string, port: number, ca: string): Browser {
  const address = someLoopback()
  const origin = new URL(url)
  const local: { localAddress?: string } = address === '127.0.0.1' ? {} : { localAddress: address }
  const dispatcher = new Agent({ connect: { ca, servername: 'localhost' }, ...local, pipelining: 1, keepAliveTimeout: 2000 })
  const cookies = new Map<string, string>()
  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const own = (): Record<string, string> => ({ host: origin.host, origin: url, ...cookies.size === 0 ? {} : { cookie: cookie() } })

  async function ask (method: Method, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Dispatcher.ResponseData> {
    const raw = typeof body === 'string' || Buffer.isBuffer(body)
    const json: Record<string, string> = body === undefined || raw ? {} : { 'content-type': 'application/json' }
    const response = await send(`https://127.0.0.1:${port}${path}`, {
      dispatcher, method, headers: withoutEmpty({ ...own(), ...json, ...headers }), body: body === undefined ? null : raw ? body : JSON.stringify(body), headersTimeout: 20_000, bodyTimeout: 20_000
    })
    for (const line of [response.headers['set-cookie'] ?? []].flat()) keep(cookies, line)
    return response
  }

  return {
    address,
    cookie,
    setCookie (text) {
      for (const pair of text.split('; ')) keep(cookies, pair)
    },
    async request (method, path, body, headers = {}) {
      return await answerOf(await ask(method, path, body, headers))
    },
    async status (method, path, body, headers = {}) {
      const response = await ask(method, path, body, headers)
      response.body.on('error', () => {}).destroy()
      return response.statusCode
    },
    async socket (path, headers = {}) {
      const options: ClientOptions & ConnectionOptions = { ca, servername: 'localhost', headers: withoutEmpty({ ...own(), ...headers }), ...local }
      const raw = new WebSocket(`wss://127.0.0.1:${port}${path}`, options)
      return await openSocket(raw)
    },
    close: () => dispatcher.destroy()
  }
}

export async function answerOf (response: Dispatcher.ResponseData): Promise<Answer> {
  const text = await response.body.text()
  const isJson = /[/+]json/.test(String(response.headers['content-type'] ?? ''))
  return { status: response.statusCode, headers: response.headers, text, body: isJson && text !== '' ? JSON.parse(text) : text }
}

/** Limits count per address: on Linux all of 127.0.0.0/8 is ours, so each person of a test has an address of their own. */
const someLoopback = (): string => process.platform === 'linux' ? `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(1, 255)}` : '127.0.0.1'

/** An empty value means: without this header. */
const withoutEmpty = (headers: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))

function keep (cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';')
  const at = pair.indexOf('=')
  const name = pair.slice(0, at).trim()
  const ended = attributes.some(text => /^\s*max-age=0$/i.test(text) || /^\s*expires=thu, 01 jan 1970/i.test(text))
  if (ended || pair.slice(at + 1) === '') cookies.delete(name)
  else cookies.set(name, pair.slice(at + 1))
}

function openSocket (raw: WebSocket): Promise<Socket> {
  const frames: unknown[] = []
  const waiting = new Set<() => void>()
  raw.on('message', data => {
    frames.push(JSON.parse(String(data)))
    for (const look of waiting) look()
  })
  const closed = new Promise<{ code: number, reason: string }>(resolve => raw.once('close', (code, reason) => resolve({ code, reason: String(reason) })))
  const socket: Socket = {
    raw,
    frames,
    // Whoever waits for the end keeps the process alive for so long; a socket that a test forgot does not.
    get closed () {
      const alive = setTimeout(() => {}, 15_000)
      return closed.finally(() => clearTimeout(alive))
    },
    send: frame => raw.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame)),
    close: () => raw.terminate(),
    next: (matches, seconds = 5) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look)
        reject(new Error(`No such frame within ${seconds} s; came: ${JSON.stringify(frames).slice(0, 2000)}`))
      }, seconds * 1000)
      const look = () => {
        const frame = frames.find(matches)
        if (frame === undefined) return
        clearTimeout(timer)
        waiting.delete(look)
        resolve(frame)
      }
      waiting.add(look)
      look()
    })
  }
  return new Promise((resolve, reject) => {
    raw.once('open', () => {
      const { _socket: connection } = raw as unknown as { _socket: NetSocket }
      connection.unref()
      resolve(socket)
    })
    raw.once('unexpected-response', (_request, response) => {
      reject(Object.assign(new Error(`The upgrade was answered with ${response.statusCode}`), { status: response.statusCode, headers: response.headers }))
      response.destroy()
    })
    raw.on('error', reject)
  })
}
