/**
 * Server-sent events as model servers really send them: any line ending, comments, a character or a line cut by a
 * packet, no blank line at the end. Yields the data of each event. Line endings are looked for in the bytes: no other
 * character of UTF-8 holds one, so each byte is looked at once and a character is decoded when its line is whole.
 */
import { AnswerFailure } from '../answer-failure.ts'

const MAX_LINE = 64 * 1024
/** Characters. Each `data:` counts, so that no number of empty lines is free. */
const MAX_EVENT = 256 * 1024
const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** Throws AnswerFailure past the bounds: a server could fill our memory with an event that never ends. */
export async function * eventsOf (body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  // copied into, not kept as pieces of packets: a packet of one byte can hold a buffer of 64 KiB in memory
  const line = new Uint8Array(MAX_LINE)
  let length = 0
  let returned = false
  let data: string[] = []
  let size = 0

  function add (bytes: Uint8Array) {
    if (length + bytes.length > MAX_LINE) throw tooLong()
    line.set(bytes, length)
    length += bytes.length
  }

  function lineEnds () {
    const text = decoder.decode(line.subarray(0, length))
    length = 0
    if (!text.startsWith('data:')) return
    size += text.length
    if (size > MAX_EVENT) throw tooLong()
    data.push(text.slice(text[5] === ' ' ? 6 : 5))
  }

  function * read (bytes: Uint8Array): Generator<string> {
    let from = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]
      const isRest = returned && byte === LINE_FEED
      returned = byte === CARRIAGE_RETURN
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) continue
      // the second half of a line ending, perhaps in another packet than the first
      if (!isRest) {
        add(bytes.subarray(from, at))
        if (length > 0) lineEnds()
        else {
          if (data.length > 0) yield data.join('\n')
          data = []
          size = 0
        }
      }
      from = at + 1
    }
    add(bytes.subarray(from))
  }

  for await (const bytes of body) yield * read(bytes)
  yield * read(Uint8Array.of(LINE_FEED, LINE_FEED))
}

const tooLong = () => new AnswerFailure('The model server sent a piece of its answer that is too long to be read.')
