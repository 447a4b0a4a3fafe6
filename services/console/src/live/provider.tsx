import { createContext, useContext, useEffect, useState, type ReactNode } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { wordOf } from '../components/badge.tsx'
import { sessionQuery } from '../api/session.ts'
import { followIncidents, type IncidentEvent, type LiveState } from './events.ts'
import { applyEvent } from './apply.ts'

const Live = createContext<LiveState>('connecting')

export const useLive = () => useContext(Live)

/** One stream for the whole console: lists and open incidents follow it, and a screen reader hears it. */
export function LiveProvider ({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  const [heard, setHeard] = useState('')

  useEffect(() => followIncidents({
    onState: setState,
    onEvent: event => { applyEvent(queries, event); setHeard(sentence(event)) },
    onMissed: () => { for (const key of ['incidents', 'incident']) queries.invalidateQueries({ queryKey: [key] }) },
    onRefused: () => { queries.invalidateQueries({ queryKey: sessionQuery.queryKey }) }
  }), [queries])

  return (
    <Live.Provider value={state}>
      {children}
      <p className='visually-hidden' aria-live='polite'>{heard}</p>
    </Live.Provider>
  )
}

const sentence = (event: IncidentEvent) => `Incident ${event.number} ${wordOf(event.status).toLowerCase()}: ${event.title}`
