import type { FastifyInstance } from 'fastify'
import { Readable } from 'node:stream'
import { limited, unavailable } from '#shared/errors'
import type { Principal } from '#shared/principal'
import type { Revocation } from '#shared/revocations'
import { signedBy } from '#shared/tokens'
import { changeFrame, heartbeat, helloFrame, resyncFrame } from './frames.ts'
import type { Hub, Reader } from './hub.ts'

export interface StreamLimits {
  /** Open streams of one person. */
  perPerson: number
  /** Open streams of this process. */
  atAll: number
}

interface Stream { principal: Principal, body: Readable, openedAt: number }

const heartbeatEvery = 15_000
/** Bytes that may wait for a reader. One that is further behind is cut off; it resumes by its last number. */
const mostWaiting = 256 * 1024
/** Milliseconds after which a stream ends and its reader comes back through the edge, where its session is asked for again. */
const longest = 10 * 60_000
/** Milliseconds without the revocation log after which nobody can say whose stream this still is. */
const mostSilence = 30_000

/** The open streams of this process: who may go on reading, and who is cut off. */
export function createStreams (app: FastifyInstance, hub: Hub, limits: StreamLimits) {
  const streams = new Set<Stream>()

  function drop (stream: Stream): void {
    streams.delete(stream)
    stream.body.destroy()
  }

  const unlisten = app.revocations.onRevoked(revocation => {
    for (const stream of streams) if (isHit(stream.principal, revocation)) drop(stream)
  })

  const beat = setInterval(() => {
    for (const stream of streams) push(stream, heartbeat)
  }, heartbeatEvery)
  const check = setInterval(() => {
    const unheard = app.revocations.silence() > mostSilence
    for (const stream of streams) {
      if (unheard) drop(stream)
      else if (Date.now() - stream.openedAt > longest) end(stream)
    }
  }, 1_000)
  beat.unref()
  check.unref()

  function push (stream: Stream, text: string): void {
    stream.body.push(text)
    if (stream.body.readableLength <= mostWaiting) return
    app.log.info({ event: 'live.slow' }, 'a stream that does not read is cut off')
    drop(stream)
  }

  function end (stream: Stream): void {
    streams.delete(stream)
    stream.body.push(null)
  }

  /** The frames of one person's organisation, after `last` where it says so. The thumbprint is that of the certificate that brought the token. */
  async function open (principal: Principal, thumbprint: string, last: bigint | null): Promise<Readable> {
    if (!app.revocations.fresh()) throw unavailable('Live updates cannot begin right now.')
    if (streams.size >= limits.atAll) throw unavailable('There are too many live streams.', 10)
    if ([...streams].filter(stream => stream.principal.id === principal.id).length >= limits.perPerson) throw limited(10)
    const stream: Stream = { principal, body: new Readable({ read () {} }), openedAt: Date.now() }
    // from here on a revocation finds it
    streams.add(stream)
    try {
      await begin(stream, last)
      // and one that came since the token was looked at found nothing to end, or ended what nobody reads yet: it is looked at again
      await app.verifier.verify(principal.token, thumbprint)
      if (stream.body.destroyed) throw unavailable('Live updates cannot begin right now.')
    } catch (error) {
      drop(stream)
      throw error
    }
    return stream.body
  }

  async function begin (stream: Stream, last: bigint | null): Promise<void> {
    const { organisation } = stream.principal
    const { newest, oldest } = await hub.extent(organisation)
    const resumes = last !== null && last <= newest && last >= oldest - 1n
    // the heartbeat answers the headers at once, even when there is nothing to say
    let missed = resumes ? heartbeat : last === null ? helloFrame(newest) : resyncFrame(newest)
    let say = (text: string) => { missed += text }
    const reader: Reader = {
      organisation,
      cursor: resumes ? last : newest,
      send: changes => { say(changes.map(changeFrame).join('')) },
      missed: upTo => { say(resyncFrame(upTo)) }
    }
    const leave = await hub.join(reader)
    // more than may wait for a reader would cut it off before it could read any of it, each time that it comes back
    push(stream, Buffer.byteLength(missed) > mostWaiting ? resyncFrame(reader.cursor) : missed)
    say = text => { push(stream, text) }
    stream.body.once('close', () => {
      leave()
      streams.delete(stream)
    })
    if (stream.body.destroyed) leave()
  }

  return {
    open,
    close () {
      unlisten()
      clearInterval(beat)
      clearInterval(check)
      for (const stream of streams) end(stream)
    }
  }
}

function isHit ({ session, id, organisation, token }: Principal, revoked: Revocation): boolean {
  switch (revoked.kind) {
    case 'session': return revoked.id === session
    case 'person': return revoked.id === id
    case 'organisation': return revoked.id === organisation
    case 'membership': return revoked.id === `${organisation}:${id}`
    case 'key': return revoked.id === signedBy(token)
    default: return false
  }
}
