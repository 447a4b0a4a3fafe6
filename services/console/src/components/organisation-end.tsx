import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { deleteOrganisation, leaveOrganisation } from '../api/organisations.ts'
import { useMay, type Session } from '../api/session.ts'
import { leave } from '../sign-out.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { Actions, Confirm, Dialog } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { Refusal } from './states.tsx'
import styles from './member-item.module.css'

/** Ways out: for oneself, and for everybody. */
export function OrganisationEnd ({ session }: { session: Session }) {
  const mayDelete = useMay('organisation:delete')
  const [open, setOpen] = useState<'leave' | 'delete' | null>(null)
  const go = useMutation({ mutationFn: leaveOrganisation, onSuccess: leave })
  const { name } = session.organisation
  return (
    <Card title='Leaving' flush>
      <ul>
        <li className={styles.item}>
          <p className={styles.about}>You stop being a member. An owner or administrator can invite you again.</p>
          <Button small look='danger' onClick={() => { go.reset(); setOpen('leave') }}>Leave {name}</Button>
        </li>
        {mayDelete && (
          <li className={styles.item}>
            <p className={styles.about}>Nobody can enter a deleted organisation. For 30 days its owners can undo that, then it is gone for good.</p>
            <Button small look='danger' onClick={() => setOpen('delete')}>Delete {name}</Button>
          </li>
        )}
      </ul>
      {open === 'leave' && (
        <Confirm title={`Leave ${name}?`} action='Leave' busy={go.isPending} onConfirm={() => go.mutate()} onClose={() => setOpen(null)}>
          <p>You are signed out, and what you stored for this organisation cannot be used by you any more.</p>
          <Refusal error={go.error} />
        </Confirm>
      )}
      {open === 'delete' && <DeleteDialog name={name} onClose={() => setOpen(null)} />}
    </Card>
  )
}

function DeleteDialog ({ name, onClose }: { name: string, onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const remove = useMutation({ mutationFn: deleteOrganisation, onSuccess: leave })
  return (
    <Dialog title={`Delete ${name}?`} onClose={onClose}>
      <p>Everybody is signed out at once, you too. Sign in again within 30 days to undo it: under Organisation, whichever one you are in then.</p>
      <Form onSend={() => remove.mutate({ name: typed })}>
        <Field label='Type its name' name='name' hint={`To be sure: ${name}`}>
          {control => <input {...control} value={typed} onChange={event => setTyped(event.target.value)} autoComplete='off' spellCheck={false} required />}
        </Field>
        <Refusal error={remove.error} />
        <Actions>
          <Button onClick={onClose}>Keep it</Button>
          <Button type='submit' look='destroy' busy={remove.isPending} disabled={typed !== name}>Delete</Button>
        </Actions>
      </Form>
    </Dialog>
  )
}
