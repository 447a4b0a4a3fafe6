import type { Change } from '../changes.ts'

/** Frames of the event stream (text/event-stream). Data is one line of JSON, so no text in it can begin a frame of its own. */

export const changeFrame = ({ seq, number, title, status, severity, updatedAt }: Change) =>
  frame(seq, 'incident', { number, status, title, severity, updatedAt })

/** The number from which a reader goes on if it must come back before anything happened. */
export const helloFrame = (newest: bigint) => `retry: 1000\n${frame(String(newest), 'hello', {})}`

/** The entries after the reader's number are gone: read the list, then go on from here. */
export const resyncFrame = (newest: bigint) => `retry: 1000\n${frame(String(newest), 'resync', {})}`

/** A comment: keeps what lies between from taking silence for the end. */
export const heartbeat = ': \n\n'

const frame = (id: string, event: string, data: object) => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
