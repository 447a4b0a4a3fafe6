import { useState } from 'react'
import { Plus, Trash2 } from 'lucide-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { chatSessionsQuery, deleteChatSession, type ChatSession } from '../api/chat.ts'
import { Button, ButtonLink } from '../components/button.tsx'
import { Confirm } from '../components/dialog.tsx'
import { Moment } from '../components/moment.tsx'
import { Failure, Loading, Refusal } from '../components/states.tsx'
import styles from './session-list.module.css'

export function SessionList ({ current }: { current: string | undefined }) {
  const { data, error, refetch } = useQuery(chatSessionsQuery)
  const [doomed, setDoomed] = useState<ChatSession | null>(null)
  return (
    <nav className={styles.list} aria-label='Conversations'>
      <ButtonLink to='/chat'><Plus size={16} aria-hidden='true' />New conversation</ButtonLink>
      {data === undefined && (error === null ? <Loading what='conversations' rows={4} /> : <Failure error={error} retry={() => { refetch() }} />)}
      <ul>
        {data?.sessions.map(session => (
          <li key={session.id} className={session.id === current ? styles.current : undefined}>
            <Link href={`/chat/${session.id}`} aria-current={session.id === current ? 'page' : undefined}>
              <span className={styles.title}>{session.title}</span>
              <span className={styles.at}><Moment at={session.updatedAt} /></span>
            </Link>
            <Button small look='quiet' onClick={() => setDoomed(session)} aria-label={`Delete “${session.title}”`}><Trash2 size={15} aria-hidden='true' /></Button>
          </li>
        ))}
      </ul>
      {doomed !== null && <DeleteSession session={doomed} isOpen={doomed.id === current} onClose={() => setDoomed(null)} />}
    </nav>
  )
}

function DeleteSession ({ session, isOpen, onClose }: { session: ChatSession, isOpen: boolean, onClose: () => void }) {
  const queries = useQueryClient()
  const [, go] = useLocation()
  const remove = useMutation({
    mutationFn: () => deleteChatSession(session.id),
    onSuccess: async () => {
      if (isOpen) go('/chat', { replace: true })
      await queries.invalidateQueries({ queryKey: chatSessionsQuery.queryKey })
      onClose()
    }
  })
  return (
    <Confirm title='Delete this conversation?' action='Delete' busy={remove.isPending} onConfirm={() => remove.mutate()} onClose={onClose}>
      <p>“{session.title}” and its answers disappear for you. Incidents stay as they are.</p>
      <Refusal error={remove.error} />
    </Confirm>
  )
}
