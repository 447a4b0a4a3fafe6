import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { changePassword, passwordQuery } from '../api/password.ts'
import { ownSessionsQuery } from '../api/sessions.ts'
import { useSession } from '../api/session.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { Form } from './field.tsx'
import { NewPasswordField } from './new-password-field.tsx'
import { Failure, Loading, Refusal } from './states.tsx'

/** A person's password: whoever changes it may do so because somebody else is in, so it says what ends with it. */
export function PasswordCard () {
  const queries = useQueryClient()
  const session = useSession()
  const [open, setOpen] = useState(false)
  const { data, error, refetch } = useQuery(passwordQuery)
  const change = useMutation({
    // What was typed must not stay in a cache of past requests.
    gcTime: 0,
    mutationFn: changePassword,
    onSuccess: async () => {
      setOpen(false)
      await Promise.all([passwordQuery, ownSessionsQuery].map(({ queryKey }) => queries.invalidateQueries({ queryKey })))
    }
  })
  const aside = !open && data !== undefined && <Button small onClick={() => { change.reset(); setOpen(true) }}>{data.set ? 'Change password' : 'Set a password'}</Button>
  return (
    <Card title='Password' aside={aside}>
      {data === undefined
        ? error === null ? <Loading what='your password' rows={1} /> : <Failure error={error} retry={() => { refetch() }} />
        : open
          ? (
            <Form onSend={({ password = '' }) => change.mutate({ password })}>
              {/* For password managers: whose password it is. */}
              <input type='text' name='username' autoComplete='username' value={session?.person.email ?? ''} readOnly hidden />
              <NewPasswordField minimum={data.minimum} focus error={change.error} />
              <p>Every other session of yours ends, in every organisation.</p>
              <Refusal error={change.error} />
              <div>
                <Button type='submit' look='primary' busy={change.isPending}>{data.set ? 'Change it' : 'Set it'}</Button>{' '}
                <Button onClick={() => setOpen(false)}>Cancel</Button>
              </div>
            </Form>
            )
          : <p role='status'>{change.isSuccess ? 'Your password is changed, and your other sessions have ended.' : data.set ? 'You sign in with your e-mail address and a password.' : 'You have none: you sign in with a provider.'}</p>}
    </Card>
  )
}
