import type { Severity, Status } from '../api/incidents.ts'

export interface IncidentEvent { number: number, status: Status, title: string, severity: Severity, updatedAt: string }

export type LiveState = 'connecting' | 'live' | 'offline'

interface Options { onEvent: (event: IncidentEvent) => void, onState: (state: LiveState) => void, onMissed: () => void, onRefused: () => void }

/**
 * Incident events over SSE. The browser reconnects by itself and resumes by Last-Event-ID while it gets answers; after a
 * refusal (a restart, an ended session) it gives up for good, and this takes over with a growing delay.
 * Returns the function that ends it.
 */
export function followIncidents ({ onEvent, onState, onMissed, onRefused }: Options): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempts = 0
  let lost = false

  const open = () => {
    clearTimeout(timer)
    source?.close()
    source = new EventSource('/api/incidents/events')
    source.onopen = () => {
      attempts = 0
      onState('live')
      if (lost) onMissed()
      lost = false
    }
    source.addEventListener('incident', message => {
      const event = parse(message.data as string)
      if (event !== null) onEvent(event)
    })
    // the stream was away for longer than the server keeps events
    source.addEventListener('resync', onMissed)
    source.onerror = () => {
      onState(navigator.onLine ? 'connecting' : 'offline')
      if (source?.readyState !== EventSource.CLOSED) return
      // a stream of our own begins anew: what happened meanwhile is not told
      lost = true
      onRefused()
      timer = setTimeout(open, delay(attempts++))
    }
  }

  onState('connecting')
  open()
  window.addEventListener('online', open)
  return () => {
    window.removeEventListener('online', open)
    clearTimeout(timer)
    source?.close()
  }
}

/** 1 s, 2 s, … 30 s, and never all browsers at once. In milliseconds. */
export const delay = (attempts: number) => Math.min(1000 * 2 ** attempts, 30_000) * (0.75 + Math.random() / 2)

function parse (text: string): IncidentEvent | null {
  try {
    return JSON.parse(text) as IncidentEvent
  } catch {
    return null
  }
}
