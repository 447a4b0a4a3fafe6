import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { setUp, setupNeeded } from '../api/entry.ts'
import { fieldError } from '../api/problem.ts'
import { sessionQuery } from '../api/session.ts'
import { AccountFields } from '../components/account-fields.tsx'
import { Button } from '../components/button.tsx'
import { Entry } from '../components/entry.tsx'
import { Field, Form } from '../components/field.tsx'
import { Refusal } from '../components/states.tsx'
import { fragmentToken } from '../fragment.ts'

/** The first owner of a new Aurora. */
export function Setup () {
  const token = fragmentToken()
  const queries = useQueryClient()
  const [, go] = useLocation()
  const needed = useQuery({ queryKey: ['session', 'setup'], queryFn: ({ signal }) => setupNeeded(signal) }).data?.needed
  const send = useMutation({
    mutationFn: setUp,
    meta: { entry: true },
    onSuccess: async () => {
      await queries.fetchQuery({ ...sessionQuery, staleTime: 0 })
      go('/', { replace: true })
    }
  })

  if (needed === false && !send.isPending && !send.isSuccess) {
    return <Entry title='Already set up' lead='This Aurora has its first owner. The setup link worked once, and is spent.'><Link href='/login'>Sign in</Link></Entry>
  }
  if (token === null) {
    return <Entry title='Set up Aurora' lead='Open the setup link exactly as the start of Aurora printed it: what follows the # is the one-time token.'><Link href='/login'>Sign in instead</Link></Entry>
  }
  return (
    <Entry title='Set up Aurora' lead='You are the first here: you become the owner of the first organisation.'>
      <Form onSend={({ email = '', name = '', password = '', organisation = '' }) => send.mutate({ token, email, name, password, organisation })}>
        <Field label='E-mail' name='email' error={fieldError(send.error, 'email')}>
          {control => <input {...control} type='email' autoComplete='username' required autoFocus maxLength={254} />}
        </Field>
        <AccountFields error={send.error} />
        <Refusal error={send.error} />
        <Button type='submit' look='primary' busy={send.isPending}>Create and sign in</Button>
      </Form>
    </Entry>
  )
}
