import { queryOptions } from '@tanstack/react-query'
import type { StoredMessage } from '../chat/stored.ts'
import { ask, segment } from './client.ts'

export interface ChatSession { id: string, title: string, incident?: number | null, createdAt: string, updatedAt: string }

export interface ChatSessionDetail { session: ChatSession, messages: StoredMessage[] }

export const chatSessionsQuery = queryOptions({
  queryKey: ['chat'],
  queryFn: ({ signal }) => ask<{ sessions: ChatSession[] }>('GET', '/api/chat/sessions', undefined, signal)
})

export const chatSession = (id: string, signal?: AbortSignal) =>
  ask<ChatSessionDetail>('GET', `/api/chat/sessions/${segment(id)}`, undefined, signal)

export const createChatSession = (values: { title?: string }) => ask<ChatSession>('POST', '/api/chat/sessions', values)

export const deleteChatSession = (id: string) => ask<void>('DELETE', `/api/chat/sessions/${segment(id)}`)
