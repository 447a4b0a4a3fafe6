import { useEffect } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { forget } from './api/queries.ts'

/** What all tabs of this console must know at once, since they share one session. */
type Word = 'signed-out' | 'switched'

const channel = 'BroadcastChannel' in window ? new BroadcastChannel('aurora') : null

export const tellOtherTabs = (word: Word): void => channel?.postMessage(word)

/** A tab that went on showing one organisation while the session is in another would do there what is meant for here. */
export function useOtherTabs (): void {
  const queries = useQueryClient()
  useEffect(() => {
    const listen = (event: MessageEvent) => {
      if (event.data === 'signed-out') forget(queries)
      if (event.data === 'switched') location.replace('/')
    }
    channel?.addEventListener('message', listen)
    return () => channel?.removeEventListener('message', listen)
  }, [queries])
}
