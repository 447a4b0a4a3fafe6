import { useMutation, useQueryClient } from '@tanstack/react-query'
import { invitationsQuery, sendAgain, takeBack, type Invitation } from '../api/invitations.ts'
import { Button } from './button.tsx'
import { Moment } from './moment.tsx'
import { Refusal } from './states.tsx'
import styles from './member-item.module.css'

export function InvitationItem ({ invitation }: { invitation: Invitation }) {
  const queries = useQueryClient()
  const onSuccess = () => queries.invalidateQueries({ queryKey: invitationsQuery.queryKey })
  const again = useMutation({ mutationFn: () => sendAgain(invitation.id), onSuccess })
  const back = useMutation({ mutationFn: () => takeBack(invitation.id), onSuccess })
  return (
    <li className={styles.item}>
      <div className={styles.about}>
        <h3>{invitation.email}</h3>
        <p className={styles.meta}>
          Sent by {invitation.invitedBy} <Moment at={invitation.sentAt} />
          {invitation.expired ? <strong className={styles.late}>, has run out</strong> : <>, runs out <Moment at={invitation.expiresAt} /></>}
        </p>
      </div>
      <div className={styles.actions}>
        <span className={styles.role}>{invitation.role}</span>
        <Button small busy={again.isPending} onClick={() => again.mutate()} aria-label={`Send the invitation to ${invitation.email} again`}>{again.isSuccess ? 'Sent' : 'Send again'}</Button>
        <Button small look='danger' busy={back.isPending} onClick={() => back.mutate()} aria-label={`Take the invitation to ${invitation.email} back`}>Take back</Button>
      </div>
      <Refusal error={again.error ?? back.error} />
    </li>
  )
}
