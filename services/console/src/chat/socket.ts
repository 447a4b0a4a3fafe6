import type { ClientFrame, ServerFrame } from '../../../chat/frames.ts'
import { delay } from '../live/events.ts'

/** `ended`: the server does not want this browser to try again by itself. */
export type SocketState = 'connecting' | 'open' | 'ended'

export interface ChatSocket { send: (frame: ClientFrame) => boolean, close: () => void }

interface Options { onFrame: (frame: ServerFrame) => void, onState: (state: SocketState) => void, onSessionEnd: () => void }

/** Close codes of `services/chat/close-codes.ts`: what each asks of a client. In milliseconds; `null` = do not come back. */
function waitAfter (code: number, attempts: number): number | null {
  if (code === 4401 || code === 1008) return null
  if (code === 4408) return 0
  if (code === 4429) return 15_000
  return delay(attempts)
}

/** One socket that comes back by itself. It is usable after `hello`, which `onFrame` sees each time anew. */
export function openChatSocket ({ onFrame, onState, onSessionEnd }: Options): ChatSocket {
  let socket: WebSocket | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let watch: ReturnType<typeof setInterval> | undefined
  let attempts = 0
  let greeted = false
  let heard = 0

  const connect = () => {
    const url = new URL('/api/chat/ws', location.href)
    url.protocol = 'wss:'
    const mine = socket = new WebSocket(url)
    onState('connecting')
    mine.onmessage = message => {
      heard = Date.now()
      const frame = JSON.parse(message.data as string) as ServerFrame
      if (frame.type === 'hello') greet(frame.data.heartbeat)
      onFrame(frame)
    }
    mine.onclose = event => { if (mine === socket) comeBack(event.code) }
  }

  const greet = (heartbeat: number) => {
    attempts = 0
    greeted = true
    onState('open')
    clearInterval(watch)
    const beat = Math.max(heartbeat, 5) * 1000
    watch = setInterval(() => {
      // a network that went away without a word is noticed by silence
      if (Date.now() - heard > beat * 2.5) socket?.close()
      else socket?.send('{"v":1,"type":"ping"}')
    }, beat)
  }

  const comeBack = (code: number) => {
    const refused = !greeted
    greeted = false
    clearInterval(watch)
    // a refused upgrade shows as 1006 without a reason: the session may be why
    if (code === 4401 || refused) onSessionEnd()
    const wait = waitAfter(code, attempts++)
    onState(wait === null ? 'ended' : 'connecting')
    if (wait !== null) timer = setTimeout(connect, wait)
  }

  connect()
  return {
    send: frame => {
      if (!greeted || socket?.readyState !== WebSocket.OPEN) return false
      socket.send(JSON.stringify(frame))
      return true
    },
    close: () => {
      clearTimeout(timer)
      clearInterval(watch)
      const last = socket
      socket = null
      last?.close(1000)
    }
  }
}
