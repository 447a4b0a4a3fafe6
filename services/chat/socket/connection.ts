/** One open socket: what it is for, how it is written to and how it ends. */
import type { WebSocket } from 'ws'
import { closeCodes } from '../close-codes.ts'
import type { ServerFrame } from '../frames.ts'
import type { Speaker } from '../speaker.ts'

/** A reader this far behind is told to read the database instead of being waited for with our memory. */
const MAX_BUFFERED = 1024 * 1024
const MAX_BAD_FRAMES = 10
/** How long a peer may take to answer our close before it is cut off. */
const CLOSE_MS = 2_000

export type Connection = ReturnType<typeof connectionOf>

export function connectionOf (socket: WebSocket, speaker: Speaker, expires: number) {
  const tails = new Map<string, () => void>()
  let unanswered = 0
  let bad = 0
  let over = false

  function end () {
    if (over) return
    over = true
    for (const leave of tails.values()) leave()
    tails.clear()
    speaker.release()
  }

  socket.on('close', end)
  socket.on('pong', () => { unanswered = 0 })

  const connection = {
    speaker,
    /** Milliseconds since 1970. */
    expires,
    isOpen: () => !over && socket.readyState === socket.OPEN,

    send (frame: ServerFrame) {
      if (connection.isOpen()) socket.send(JSON.stringify(frame))
    },

    /** False when the peer reads too slowly for one more. */
    hasRoom: () => socket.bufferedAmount < MAX_BUFFERED,

    /** From here no frame of this socket is read or answered. */
    close (why: keyof typeof closeCodes) {
      if (socket.readyState === socket.CLOSED) return
      end()
      socket.close(closeCodes[why], why)
      setTimeout(() => socket.terminate(), CLOSE_MS).unref()
    },

    badFrame () {
      if (++bad >= MAX_BAD_FRAMES) connection.close('policy')
    },

    /** Called every heartbeat: two unanswered ones and the peer is gone. */
    beat () {
      if (unanswered >= 2) return socket.terminate()
      unanswered++
      if (connection.isOpen()) socket.ping()
    },

    isFollowing: (messageId: string) => tails.has(messageId),
    tailCount: () => tails.size,

    /** One reader per answer: a later one takes the place of an earlier. */
    addTail (messageId: string, leave: () => void) {
      tails.get(messageId)?.()
      if (over) leave()
      else tails.set(messageId, leave)
    },

    dropTail (messageId: string) {
      tails.get(messageId)?.()
      tails.delete(messageId)
    }
  }
  return connection
}
