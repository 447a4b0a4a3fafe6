import { useState } from 'react'
import { MessagesSquare } from 'lucide-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocation, useParams, useSearchParams } from 'wouter'
import { chatSessionsQuery, createChatSession } from '../api/chat.ts'
import { Composer } from '../chat/composer.tsx'
import { ChatHints, ConversationView } from '../chat/conversation-view.tsx'
import { SessionList } from '../chat/session-list.tsx'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { useTitle } from '../components/page.tsx'
import { Refusal } from '../components/states.tsx'
import styles from './chat.module.css'

/** A conversation begins with its first message: until then there is none to keep. */
export function Chat () {
  useTitle('Chat')
  const { id } = useParams<{ id?: string }>()
  const [listed, setListed] = useState(false)
  const [first, setFirst] = useState<string | null>(null)
  return (
    <div className={styles.chat}>
      <h1 className='visually-hidden'>Chat</h1>
      <aside className={styles.aside}><SessionList current={id} /></aside>
      <div className={styles.main}>
        <div className={styles.bar}><Button small onClick={() => setListed(true)}><MessagesSquare size={16} aria-hidden='true' />Conversations</Button></div>
        {id === undefined
          ? <NewConversation onFirst={setFirst} />
          : <ConversationView key={id} sessionId={id} first={first} onFirstSent={() => setFirst(null)} prefill='' />}
      </div>
      {listed && <Dialog title='Conversations' onClose={() => setListed(false)}><div onClick={event => { if ((event.target as Element).closest('a') !== null) setListed(false) }}><SessionList current={id} /></div></Dialog>}
    </div>
  )
}

function NewConversation ({ onFirst }: { onFirst: (text: string) => void }) {
  const queries = useQueryClient()
  const [, go] = useLocation()
  const [search] = useSearchParams()
  const [draft, setDraft] = useState(search.get('say') ?? '')
  const create = useMutation({
    mutationFn: (_text: string) => createChatSession({}),
    onSuccess: (session, text) => {
      onFirst(text)
      go(`/chat/${session.id}`, { replace: true })
      queries.invalidateQueries({ queryKey: chatSessionsQuery.queryKey })
    }
  })
  return (
    <div className={styles.fresh}>
      <div className={styles.hints}><ChatHints /></div>
      <div className={styles.foot}>
        <Refusal error={create.error} />
        <Composer draft={draft} onDraft={setDraft} waitUntil={null} disabled={create.isPending} onSend={text => create.mutate(text)} />
      </div>
    </div>
  )
}
