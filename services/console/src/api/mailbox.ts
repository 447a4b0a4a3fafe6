import { queryOptions } from '@tanstack/react-query'
import { ask } from './client.ts'
import { isProblem } from './problem.ts'

export interface Message { id: string, to: string, subject: string, text: string, link: string | null, at: string }

/** `null` for everyone but the local administrator, and where mail is really sent. */
export const mailboxQuery = queryOptions({
  queryKey: ['mailbox'],
  queryFn: async ({ signal }): Promise<{ messages: Message[] } | null> => {
    try {
      return await ask<{ messages: Message[] }>('GET', '/api/auth/mailbox', undefined, signal)
    } catch (error) {
      if (isProblem(error) && (error.status === 404 || error.status === 403)) return null
      throw error
    }
  }
})
