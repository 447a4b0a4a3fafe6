import { Agent, request as send } from 'undici'
import WebSocket from 'ws'
import type { Target } from './aurora.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Record<string, unknown>
}

/** An answer of another status than the one that was needed. */
export class Refused extends Error {
  readonly retryAfter: number | undefined
  constructor (message: string, retryAfter: number | undefined) {
    super(message)
    this.retryAfter = retryAfter
  }
}

/** One browser with its cookie, or without one nobody in particular. */
export interface Browser {
  request: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
  /** The body of an answer that must have this status. */
  expect: <T = Record<string, unknown>>(status: number, method: string, path: string, body?: unknown) => Promise<T>
  socket: (path: string) => WebSocket
  /** A second window with the same cookie, whatever becomes of it in this one. */
  copy: () => Browser
  signedIn: () => boolean
  close: () => Promise<void>
}

export function openBrowser ({ url, ca }: Pick<Target, 'url' | 'ca'>, cookie: string | null = null): Browser {
  const dispatcher = new Agent({ connect: { ca }, keepAliveTimeout: 10_000 })

  async function request (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await send(url + path, {
      method: method as 'GET',
      dispatcher,
      headers: {
        origin: url,
        ...cookie === null ? {} : { cookie },
        ...body === undefined ? {} : { 'content-type': 'application/json' },
        ...headers
      },
      ...body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    })
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [pair = ''] = line.split(';', 1)
      cookie = pair.endsWith('=') ? null : pair
    }
    const text = await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, body: parsed(text) }
  }

  return {
    request,
    async expect <T> (status: number, method: string, path: string, body?: unknown) {
      const answer = await request(method, path, body)
      if (answer.status !== status) {
        // Only a limit says how long; what is being restarted comes back sooner than it dares to promise.
        const retryAfter = answer.status === 429 ? Number(answer.headers['retry-after'] ?? 1) : undefined
        throw new Refused(`${method} ${path} answered ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`, retryAfter)
      }
      return answer.body as T
    },
    socket: path => new WebSocket(url.replace('https:', 'wss:') + path, { ca, headers: { origin: url, ...cookie === null ? {} : { cookie } } }),
    copy: () => openBrowser({ url, ca }, cookie),
    signedIn: () => cookie !== null,
    close: () => dispatcher.close()
  }
}

function parsed (text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
