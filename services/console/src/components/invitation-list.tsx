import { useState } from 'react'
import { UserPlus } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import { invitationsQuery } from '../api/invitations.ts'
import type { Role } from '../api/session.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { InvitationItem } from './invitation-item.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { Failure, Loading } from './states.tsx'
import styles from './member-item.module.css'

export function InvitationList ({ role }: { role: Role }) {
  const [inviting, setInviting] = useState(false)
  const { data, error, refetch } = useQuery(invitationsQuery)
  return (
    <Card title='Invitations' flush aside={<Button small onClick={() => setInviting(true)}><UserPlus size={16} aria-hidden='true' />Invite somebody</Button>}>
      {data === undefined
        ? error === null ? <Loading what='the invitations' rows={1} /> : <Failure error={error} retry={() => { refetch() }} />
        : data.invitations.length === 0 ? <p className={styles.none}>Nobody is invited at the moment.</p> : <ul>{data.invitations.map(invitation => <InvitationItem key={invitation.id} invitation={invitation} />)}</ul>}
      {inviting && <InviteDialog role={role} onClose={() => setInviting(false)} />}
    </Card>
  )
}
