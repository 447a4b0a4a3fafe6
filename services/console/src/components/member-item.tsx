import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { removeMember, type Member } from '../api/members.ts'
import { rolesUpTo, type Session } from '../api/session.ts'
import { Button } from './button.tsx'
import { Confirm } from './dialog.tsx'
import { Moment } from './moment.tsx'
import { RoleDialog } from './role-dialog.tsx'
import { Refusal } from './states.tsx'
import styles from './member-item.module.css'

export function MemberItem ({ member, session, may }: { member: Member, session: Session, may: boolean }) {
  const queries = useQueryClient()
  const [open, setOpen] = useState<'role' | 'remove' | null>(null)
  const close = () => setOpen(null)
  const remove = useMutation({
    mutationFn: () => removeMember(member.id),
    onSuccess: async () => {
      await Promise.all([queries.invalidateQueries({ queryKey: ['members'] }), queries.invalidateQueries({ queryKey: ['invitations'] })])
      close()
    }
  })
  const self = member.id === session.person.id
  const touchable = may && rolesUpTo(session.role).includes(member.role)
  return (
    <li className={styles.item}>
      <div className={styles.about}>
        <h3>{member.name}{self && <span className={styles.self}> (you)</span>}</h3>
        <p className={styles.meta}>{member.email}, joined <Moment at={member.joinedAt} /></p>
      </div>
      <div className={styles.actions}>
        <span className={styles.role}>{member.role}</span>
        {touchable && <Button small onClick={() => setOpen('role')} aria-label={`Change the role of ${member.name}`}>Change</Button>}
        {touchable && !self && <Button small look='danger' onClick={() => { remove.reset(); setOpen('remove') }} aria-label={`Remove ${member.name}`}>Remove</Button>}
      </div>
      {open === 'role' && <RoleDialog member={member} session={session} onClose={close} />}
      {open === 'remove' && (
        <Confirm title={`Remove ${member.name}?`} action='Remove' busy={remove.isPending} onConfirm={() => remove.mutate()} onClose={close}>
          <p>Everything that {member.name} holds here ends within a second: sessions, conversations that are open, invitations they sent. Their account stays theirs.</p>
          <Refusal error={remove.error} />
        </Confirm>
      )}
    </li>
  )
}
