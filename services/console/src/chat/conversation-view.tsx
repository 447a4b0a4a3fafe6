import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Sparkles, WifiOff } from 'lucide-react'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { Composer } from './composer.tsx'
import { Message } from './message.tsx'
import { useConversation } from './use-conversation.ts'
import styles from './conversation-view.module.css'

interface Props { sessionId: string, first: string | null, onFirstSent: () => void, prefill: string }

export function ConversationView ({ sessionId, first, onFirstSent, prefill }: Props) {
  const [draft, setDraft] = useState(prefill)
  const [waitUntil, setWaitUntil] = useState<number | null>(null)
  const conversation = useConversation({
    sessionId,
    onLimited: (retryAfter, text) => {
      setWaitUntil(Date.now() + retryAfter * 1000)
      setDraft(now => now === '' ? text : now)
    }
  })
  const { messages, loading, socketState, say, sayAgain, stop } = conversation
  const loaded = loading === 'loaded'

  useEffect(() => {
    if (first === null || !loaded) return
    say(first)
    onFirstSent()
  // `first` is sent once: onFirstSent takes it away
  }, [first, loaded])

  const log = useFollow(messages)
  return (
    <div className={styles.view}>
      <div className={styles.log} ref={log} tabIndex={0} role='log' aria-label='Conversation'>
        {loading === 'loading' && <Loading what='the conversation' rows={3} />}
        {loading instanceof Error && <Failure error={loading} retry={conversation.reload} />}
        {loaded && messages.length === 0 && first === null && <ChatHints />}
        <ol>
          {messages.map(message => <Message key={message.key} message={message} onAgain={() => sayAgain(message.key)} onStop={() => stop(message.key)} />)}
        </ol>
      </div>
      <div className={styles.foot}>
        {socketState !== 'open' && (
          <p className={styles.away} role='status'>
            <WifiOff size={14} aria-hidden='true' />
            {socketState === 'ended' ? 'The connection was closed. Reload the page to go on.' : 'Connecting… Answers go on meanwhile, and nothing is lost.'}
          </p>
        )}
        <Composer draft={draft} onDraft={setDraft} waitUntil={waitUntil} disabled={!loaded} onSend={text => { setDraft(''); say(text) }} />
      </div>
    </div>
  )
}

export function ChatHints () {
  return (
    <Empty icon={Sparkles} title='Ask about an incident'>
      <p>Try <code>/incident 1</code>, <code>/timeline 1</code> or <code>/help</code>. With a language model connected you can ask in your own words. Only you see this conversation.</p>
    </Empty>
  )
}

/** Stays at the end while text arrives, unless the person has scrolled up to read. */
function useFollow (change: unknown) {
  const ref = useRef<HTMLDivElement>(null)
  const pinned = useRef(true)
  useEffect(() => {
    const element = ref.current
    const onScroll = () => { if (element !== null) pinned.current = element.scrollHeight - element.scrollTop - element.clientHeight < 80 }
    element?.addEventListener('scroll', onScroll, { passive: true })
    return () => element?.removeEventListener('scroll', onScroll)
  }, [])
  useLayoutEffect(() => {
    if (pinned.current && ref.current !== null) ref.current.scrollTop = ref.current.scrollHeight
  }, [change])
  return ref
}
