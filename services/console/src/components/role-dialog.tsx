import { useMutation, useQueryClient } from '@tanstack/react-query'
import { giveRole, type Member } from '../api/members.ts'
import type { Role, Session } from '../api/session.ts'
import { leave } from '../sign-out.ts'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Form } from './field.tsx'
import { RoleField } from './role-field.tsx'
import { Refusal } from './states.tsx'

export function RoleDialog ({ member, session, onClose }: { member: Member, session: Session, onClose: () => void }) {
  const queries = useQueryClient()
  const self = member.id === session.person.id
  const change = useMutation({
    mutationFn: giveRole,
    onSuccess: async (_, { role }) => {
      // their own session has ended with their role
      if (self && role !== member.role) return leave()
      await queries.invalidateQueries({ queryKey: ['members'] })
      onClose()
    }
  })
  return (
    <Dialog title={self ? 'Change your own role' : `Change the role of ${member.name}`} onClose={onClose}>
      <p>{self ? 'You' : member.name} will be signed out of this organisation, and {self ? 'have' : 'has'} the new role from the next sign-in on.</p>
      <Form onSend={({ role = member.role }) => change.mutate({ id: member.id, role: role as Role })}>
        <RoleField upTo={session.role} value={member.role} />
        <Refusal error={change.error} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type='submit' look='primary' busy={change.isPending}>Change the role</Button>
        </Actions>
      </Form>
    </Dialog>
  )
}
