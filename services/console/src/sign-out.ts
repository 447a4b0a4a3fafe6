import { useEffect } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { logout } from './api/entry.ts'
import { isProblem } from './api/problem.ts'
import { forget } from './api/queries.ts'

const channel = 'BroadcastChannel' in window ? new BroadcastChannel('aurora') : null

/**
 * Ends the session and loads the sign-in page anew, so that nothing of the old one is left in memory; other tabs follow.
 * When the server did not hear it the person stays signed in and is told so, since the cookie still works.
 */
export function useSignOut () {
  const { mutate, isPending } = useMutation({
    mutationFn: async () => {
      try {
        await logout()
      } catch (error) {
        if (!isProblem(error) || error.status !== 401) throw error
      }
    },
    onSuccess: () => {
      channel?.postMessage('signed-out')
      location.replace('/login')
    },
    onError: error => { window.alert(`You are still signed in: ${error.message}. Try again.`) }
  })
  return { signOut: mutate, leaving: isPending }
}

export function useSignedOutElsewhere (): void {
  const queries = useQueryClient()
  useEffect(() => {
    const listen = (event: MessageEvent) => { if (event.data === 'signed-out') forget(queries) }
    channel?.addEventListener('message', listen)
    return () => channel?.removeEventListener('message', listen)
  }, [queries])
}
