import { useMutation, useQueryClient } from '@tanstack/react-query'
import { endSession, ownSessionsQuery, type OwnSession } from '../api/sessions.ts'
import { useSession } from '../api/session.ts'
import { Button } from './button.tsx'
import { Moment } from './moment.tsx'
import { Refusal } from './states.tsx'
import styles from './member-item.module.css'

export function SessionItem ({ session }: { session: OwnSession }) {
  const queries = useQueryClient()
  const organisations = useSession()?.organisations ?? []
  const end = useMutation({ mutationFn: () => endSession(session.id), onSuccess: () => queries.invalidateQueries({ queryKey: ownSessionsQuery.queryKey }) })
  const organisation = organisations.find(({ id }) => id === session.organisation)?.name
  return (
    <li className={styles.item}>
      <div className={styles.about}>
        <h3>{session.device}{session.current && <span className={styles.self}> (this one)</span>}</h3>
        <p className={styles.meta}>{session.place}{organisation !== undefined && `, in ${organisation}`}. Signed in <Moment at={session.createdAt} />, last seen <Moment at={session.seenAt} /></p>
      </div>
      {!session.current && <Button small look='danger' busy={end.isPending} onClick={() => end.mutate()} aria-label={`End the session on ${session.device}`}>End</Button>}
      <Refusal error={end.error} />
    </li>
  )
}
