import { useCallback, useEffect, useReducer, useRef, useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import type { ServerFrame } from '../../../chat/frames.ts'
import { chatSession, chatSessionsQuery } from '../api/chat.ts'
import { sessionQuery } from '../api/session.ts'
import { converse, type Action, type ChatMessage } from './conversation.ts'
import { openChatSocket, type ChatSocket, type SocketState } from './socket.ts'

interface Options { sessionId: string, onLimited: (retryAfter: number, text: string) => void }

/**
 * One open conversation: what the server holds, then the socket's frames behind it. After each `hello` everything
 * unsent is sent again under its first id, and every unfinished answer is read on from the last part seen.
 */
export function useConversation ({ sessionId, onLimited }: Options) {
  const queries = useQueryClient()
  const [state, dispatch] = useReducer(converse, { sessionId, messages: [] })
  const [socketState, setSocketState] = useState<SocketState>('connecting')
  const [loading, setLoading] = useState<'loading' | 'loaded' | Error>('loading')
  const socket = useRef<ChatSocket | null>(null)
  const messages = useLatest(state.messages)
  const limited = useLatest(onLimited)

  const sendOn = useCallback((message: ChatMessage) => {
    if (message.status === 'sending') socket.current?.send({ v: 1, type: 'send', sessionId, clientMessageId: message.key, text: message.text })
    if (message.status === 'streaming') socket.current?.send({ v: 1, type: 'subscribe', sessionId, messageId: message.key, after: message.seq })
  }, [sessionId])

  const load = useCallback(async (signal?: AbortSignal) => {
    try {
      const found = await chatSession(sessionId, signal)
      act({ type: 'loaded', messages: found.messages })
      messages.current.filter(each => each.status === 'streaming').forEach(sendOn)
      setLoading('loaded')
    } catch (error) {
      if (signal?.aborted !== true) setLoading(error as Error)
    }
  }, [sessionId, sendOn])

  /** The ref moves with the action, so that two frames in one tick see each other. */
  function act (action: Action): void {
    messages.current = converse({ sessionId, messages: messages.current }, action).messages
    dispatch(action)
  }

  useEffect(() => {
    const aborting = new AbortController()
    const onFrame = (frame: ServerFrame) => {
      if (frame.type === 'limited') return onLimit(frame.data.clientMessageId, frame.data.retryAfter)
      act(frame)
      if (frame.type === 'hello') messages.current.forEach(sendOn)
      if (frame.type === 'accepted') {
        if (frame.data.duplicate) messages.current.filter(each => each.key === frame.messageId).forEach(sendOn)
        queries.invalidateQueries({ queryKey: chatSessionsQuery.queryKey })
      }
      if (frame.type === 'error' && (frame.data.code === 'not_resumable' || frame.data.code === 'resynchronise')) load(aborting.signal)
    }
    const onLimit = (clientMessageId: string | undefined, retryAfter: number) => {
      const message = messages.current.find(each => each.key === clientMessageId)
      if (clientMessageId !== undefined) act({ type: 'dropped', clientMessageId })
      limited.current(retryAfter, message?.text ?? '')
    }
    const onSessionEnd = () => { queries.invalidateQueries({ queryKey: sessionQuery.queryKey, exact: true }) }

    const mine = socket.current = openChatSocket({ onFrame, onState: setSocketState, onSessionEnd })
    load(aborting.signal)
    return () => {
      aborting.abort()
      mine.close()
    }
  }, [load, sendOn, queries])

  const say = (text: string) => {
    const clientMessageId = crypto.randomUUID()
    act({ type: 'typed', clientMessageId, text })
    messages.current.slice(-1).forEach(sendOn)
  }
  const sayAgain = (key: string) => {
    act({ type: 'again', clientMessageId: key })
    messages.current.filter(each => each.key === key).forEach(sendOn)
  }
  const stop = (messageId: string) => { socket.current?.send({ v: 1, type: 'stop', messageId }) }
  return { messages: state.messages, socketState, loading, reload: () => { setLoading('loading'); load() }, say, sayAgain, stop }
}

function useLatest<T> (value: T) {
  const ref = useRef(value)
  ref.current = value
  return ref
}
