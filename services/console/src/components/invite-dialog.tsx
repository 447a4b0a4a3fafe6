import { useMutation, useQueryClient } from '@tanstack/react-query'
import { invitationsQuery, invite } from '../api/invitations.ts'
import type { Role } from '../api/session.ts'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { RoleField } from './role-field.tsx'
import { Refusal } from './states.tsx'

export function InviteDialog ({ role, onClose }: { role: Role, onClose: () => void }) {
  const queries = useQueryClient()
  const send = useMutation({
    mutationFn: invite,
    onSuccess: async () => { await queries.invalidateQueries({ queryKey: invitationsQuery.queryKey }); onClose() }
  })
  return (
    <Dialog title='Invite somebody' onClose={onClose}>
      <p>They get a link by mail that works for seven days, and only for whoever has that mailbox.</p>
      <Form onSend={({ email = '', role: chosen = 'responder' }) => send.mutate({ email, role: chosen as Role })}>
        <Field label='Their e-mail' name='email'>
          {control => <input {...control} type='email' autoComplete='off' required maxLength={254} />}
        </Field>
        <RoleField upTo={role} value='responder' />
        <Refusal error={send.error} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type='submit' look='primary' busy={send.isPending}>Send the invitation</Button>
        </Actions>
      </Form>
    </Dialog>
  )
}
