/** A chat client as a browser would be one, on a bare socket: what it received it keeps, and a test waits for what it needs. */
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { WebSocket, type ClientOptions } from 'ws'
import type { Person, System } from '#shared/testing/system'
import type { ServerFrame } from '../frames.ts'

type Type = ServerFrame['type']
type Of<T extends Type> = Extract<ServerFrame, { type: T }>

const PATIENCE_MS = 10_000

const opened = new Set<WebSocket>()
t.teardown(() => { for (const socket of opened) socket.terminate() })

/** Rejects with the HTTP status when the upgrade is refused. */
export async function openSocket (url: string, options: ClientOptions): Promise<WebSocket> {
  return untilOpen(new WebSocket(url, options))
}

function untilOpen (socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      opened.add(socket)
      resolve(socket)
    })
    socket.once('unexpected-response', (request, response) => {
      request.destroy()
      reject(Object.assign(new Error(`refused with ${response.statusCode}`), { status: response.statusCode }))
    })
    socket.once('error', reject)
  })
}

export async function openChat ({ url, ca }: System, person: Person) {
  return chatOn(new WebSocket(`${url.replace('https', 'wss')}/api/chat/ws`, { ca, localAddress: person.address, headers: { cookie: person.cookie(), origin: url } }))
}

/** Listens before the socket is open: the first frame may come with the upgrade. */
export async function chatOn (socket: WebSocket) {
  const frames: ServerFrame[] = []
  const arrivals = new Set<() => void>()
  const closed = once(socket, 'close').then(([code]) => code as number)
  closed.catch(() => {})
  socket.on('message', data => {
    frames.push(JSON.parse(String(data)) as ServerFrame)
    for (const look of [...arrivals]) look()
  })

  /** The first frame of one of these types, past or to come, that fits. */
  function frame<T extends Type> (types: T | T[], fits: (frame: Of<T>) => boolean = () => true): Promise<Of<T>> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => { arrivals.delete(look); reject(new Error(`no frame ${String(types)} came: ${JSON.stringify(frames).slice(-2000)}`)) }, PATIENCE_MS)
      function look () {
        const found = frames.find((each): each is Of<T> => [types].flat().includes(each.type as T) && fits(each as Of<T>))
        if (found === undefined) return
        clearTimeout(late)
        arrivals.delete(look)
        resolve(found)
      }
      arrivals.add(look)
      look()
    })
  }

  const chat = {
    socket,
    frames,
    frame,
    /** Resolves with the close code. */
    closed,
    write: (value: unknown) => socket.send(typeof value === 'string' ? value : JSON.stringify(value)),

    /** Sends a message and waits for what the server says of it first. */
    async say (sessionId: string, text: string, clientMessageId: string = randomUUID()) {
      const seen = frames.length
      chat.write({ v: 1, type: 'send', sessionId, clientMessageId, text })
      const about = (each: ServerFrame) => frames.indexOf(each) >= seen && 'data' in each && 'clientMessageId' in each.data && each.data.clientMessageId === clientMessageId
      return frame(['accepted', 'limited', 'error'], about)
    },

    /** Sends a message and waits for the end of its answer. */
    async ask (sessionId: string, text: string) {
      const first = await chat.say(sessionId, text)
      if (first.type !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(first)}`)
      const { messageId } = first
      const end = await frame('done', each => each.messageId === messageId)
      return { messageId, text: textOf(frames, messageId), ...end.data }
    },

    async close () {
      socket.close()
      return closed
    }
  }
  await untilOpen(socket)
  socket.on('error', () => {})
  await frame('hello')
  return chat
}

/** The text of an answer from its deltas; throws where one is missing or doubled. */
export function textOf (frames: ServerFrame[], messageId: string, after = 0): string {
  const deltas = frames.filter((frame): frame is Of<'delta'> => frame.type === 'delta' && frame.messageId === messageId)
  deltas.forEach(({ seq }, position) => {
    if (seq !== after + position + 1) throw new Error(`delta ${position} has the number ${seq}`)
  })
  return deltas.map(({ data }) => data.text).join('')
}
