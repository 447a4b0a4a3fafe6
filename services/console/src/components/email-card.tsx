import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { askEmailChange } from '../api/email.ts'
import { fieldError } from '../api/problem.ts'
import { useSession } from '../api/session.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { Field, Form } from './field.tsx'
import { Refusal } from './states.tsx'

/** A person's address. The page does not say whether somebody has the new one: its mailbox does. */
export function EmailCard () {
  const session = useSession()
  const [open, setOpen] = useState(false)
  const change = useMutation({ mutationFn: askEmailChange, onSuccess: () => setOpen(false) })
  return (
    <Card title='E-mail address' aside={!open && <Button small onClick={() => { change.reset(); setOpen(true) }}>Change address</Button>}>
      {open
        ? (
          <Form onSend={({ email = '' }) => change.mutate({ email })}>
            <Field label='New e-mail address' name='email' hint='We mail a link there. Your address is changed once you follow it, and your other sessions end.' error={fieldError(change.error, 'email')}>
              {control => <input {...control} type='email' autoComplete='email' required autoFocus maxLength={254} />}
            </Field>
            <Refusal error={change.error} />
            <div>
              <Button type='submit' look='primary' busy={change.isPending}>Send the link</Button>{' '}
              <Button onClick={() => setOpen(false)}>Cancel</Button>
            </div>
          </Form>
          )
        : <p role='status'>{change.isSuccess ? <>Look into the mail of <strong>{change.variables.email}</strong>: your address is changed once you follow the link there.</> : <>You are <strong>{session?.person.email}</strong>.</>}</p>}
    </Card>
  )
}
