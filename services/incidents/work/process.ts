import type { Sql } from '#shared/database'
import { payloadOf } from '../hooks/payload.ts'
import { sourceOf } from '../sources/index.ts'
import type { Normalised, Source } from '../sources/source.ts'
import { applyGroup } from './apply.ts'
import { lockWork, settle, type Claim } from './queue.ts'

/** Something in the event itself is wrong: trying again will not help. */
class Unreadable extends Error {}

/**
 * The work of one event, in one transaction with its end on the queue: it happens whole or not at all, and an event that
 * was done meanwhile is no longer on the queue. Throws what may pass by itself.
 */
export async function processEvent (sql: Sql, claim: Claim): Promise<void> {
  const [work] = await lockWork(sql, claim.event_id)
  if (work === undefined) return
  try {
    const source = sourceOf(work.kind)
    if (source === undefined) throw new Unreadable(`No source of the kind ${work.kind} is known.`)
    const said = read(source, work.body)
    const ignored = 'ignored' in said
      ? said.ignored
      : await applyGroup(sql, { organisation: claim.org_id, sourceId: work.source_id, source }, said.group)
    await settle(sql, claim.event_id, ignored === null ? 'processed' : 'ignored', ignored)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    await settle(sql, claim.event_id, 'parked', error.message.slice(0, 500))
  }
}

function read (source: Source, body: Buffer): Normalised {
  try {
    return source.normalise(payloadOf(body))
  } catch (error) {
    throw new Unreadable(error instanceof Error ? error.message : 'It cannot be read.')
  }
}
