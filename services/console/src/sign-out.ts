import { useMutation } from '@tanstack/react-query'
import { logout } from './api/entry.ts'
import { isProblem } from './api/problem.ts'
import { tellOtherTabs } from './tabs.ts'

/** Everything of a session that is over goes from here and from the other tabs: the page is loaded anew. */
export function leave (): void {
  tellOtherTabs('signed-out')
  location.replace('/login')
}

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
    onSuccess: leave,
    onError: error => { window.alert(`You are still signed in: ${error.message}. Try again.`) }
  })
  return { signOut: mutate, leaving: isPending }
}
