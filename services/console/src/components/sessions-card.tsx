import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { endOtherSessions, ownSessionsQuery } from '../api/sessions.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { SessionItem } from './session-item.tsx'
import { Failure, Loading, Refusal } from './states.tsx'
import styles from './member-item.module.css'

/** Where a person is signed in: what they would look at when something seems wrong. */
export function SessionsCard () {
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery(ownSessionsQuery)
  const endOthers = useMutation({ mutationFn: endOtherSessions, onSuccess: () => queries.invalidateQueries({ queryKey: ownSessionsQuery.queryKey }) })
  const others = data?.sessions.some(({ current }) => !current) === true
  return (
    <Card title='Where you are signed in' flush aside={others && <Button small look='danger' busy={endOthers.isPending} onClick={() => endOthers.mutate()}>End all others</Button>}>
      {data === undefined
        ? error === null ? <Loading what='your sessions' rows={2} /> : <Failure error={error} retry={() => { refetch() }} />
        : <ul>{data.sessions.map(session => <SessionItem key={session.id} session={session} />)}</ul>}
      {endOthers.error !== null && <div className={styles.more}><Refusal error={endOthers.error} /></div>}
    </Card>
  )
}
