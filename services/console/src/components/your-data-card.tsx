import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { deleteAccount, exportAccount } from '../api/account.ts'
import { save } from '../save.ts'
import { leave } from '../sign-out.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { Refusal } from './states.tsx'
import styles from './member-item.module.css'

/** What Aurora holds about a person: they can take it with them, and have it erased. */
export function YourDataCard ({ email }: { email: string }) {
  const [open, setOpen] = useState(false)
  const take = useMutation({ gcTime: 0, mutationFn: exportAccount, onSuccess: file => save(file, `aurora-account-${new Date().toISOString().slice(0, 10)}.json`) })
  return (
    <Card title='Your data' flush>
      <ul>
        <li className={styles.item}>
          <p className={styles.about}>Everything that Aurora holds about you, from all your organisations, as one file. The values of your connections are not in it: they never leave the vault.</p>
          <Button small busy={take.isPending} onClick={() => take.mutate()}><Download size={16} aria-hidden='true' />Export your data</Button>
          <Refusal error={take.error} />
        </li>
        <li className={styles.item}>
          <p className={styles.about}>You are signed out everywhere at once. For 30 days a link that is mailed to you brings the account back, then it is gone for good.</p>
          <Button small look='danger' onClick={() => setOpen(true)}>Delete your account</Button>
        </li>
      </ul>
      {open && <DeleteDialog email={email} onClose={() => setOpen(false)} />}
    </Card>
  )
}

function DeleteDialog ({ email, onClose }: { email: string, onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const remove = useMutation({ mutationFn: deleteAccount, onSuccess: leave })
  return (
    <Dialog title='Delete your account?' onClose={onClose}>
      <p>In 30 days your conversations, your connections with their values in the vault, your memberships and your profile are erased. What you did in incidents stays there, as done by “a former member”. Organisations that only you belong to are deleted with you.</p>
      <p>Until then the link in the mail that you get now brings everything back.</p>
      <Form onSend={() => remove.mutate({ email: typed })}>
        <Field label='Type your e-mail' name='email' hint={`To be sure: ${email}`}>
          {control => <input {...control} value={typed} onChange={event => setTyped(event.target.value)} autoComplete='off' spellCheck={false} required />}
        </Field>
        <Refusal error={remove.error} />
        <Actions>
          <Button onClick={onClose}>Keep it</Button>
          <Button type='submit' look='destroy' busy={remove.isPending} disabled={typed.trim().toLowerCase() !== email}>Delete</Button>
        </Actions>
      </Form>
    </Dialog>
  )
}
