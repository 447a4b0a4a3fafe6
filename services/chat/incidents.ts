/** What chat asks of `incidents`, always in the name of the person who asked: that service decides what they may see. */
import type { Peers } from '#shared/client'
import { Problem } from '#shared/errors'
import type { Delegation, Grants } from '#shared/grants'
import { AnswerFailure } from './answer-failure.ts'

export interface Incident {
  number: number
  title: string
  status: string
  severity: string
  source: string
  alertCount: number
  createdAt: string
  updatedAt: string
  acknowledgedBy: string | null
  alerts: Array<{ title: string, status: string }>
}

export interface TimelineEntry {
  at: string
  kind: string
  actor: { kind: string, name: string }
  text: string
}

export interface Incidents {
  /** Null where there is none, or none that the person may see: the two look the same. */
  byNumber: (number: number) => Promise<Incident | null>
  timeline: (number: number) => Promise<TimelineEntry[] | null>
}

export function incidentsFor (peers: Peers, exchange: Grants['exchange'], subject: Delegation, signal: AbortSignal): Incidents {
  async function ask<T> (path: string): Promise<T | null> {
    try {
      const token = await exchange(subject, 'incidents', ['incident:read'])
      return await peers.json<T>('incidents', { path, token, signal })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      if (error.code === 'not-found') return null
      if (error.code === 'forbidden') throw new AnswerFailure('You may not read incidents here.')
      throw new AnswerFailure('The incidents cannot be read right now. Try again in a moment.')
    }
  }

  return {
    byNumber: number => ask<Incident>(`/api/incidents/${number}`),
    timeline: async number => (await ask<{ entries: TimelineEntry[] }>(`/api/incidents/${number}/timeline`))?.entries ?? null
  }
}
