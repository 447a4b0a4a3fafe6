import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { completeRegistration } from '../api/entry.ts'
import { fieldError } from '../api/problem.ts'
import { forget } from '../api/queries.ts'
import { sessionQuery } from '../api/session.ts'
import { AccountFields } from '../components/account-fields.tsx'
import { Button } from '../components/button.tsx'
import { Entry } from '../components/entry.tsx'
import { Form } from '../components/field.tsx'
import { Refusal } from '../components/states.tsx'
import { fragmentToken, isVouchedFor } from '../fragment.ts'

/** Where the mailed link leads. */
export function CompleteRegistration () {
  const token = fragmentToken()
  const queries = useQueryClient()
  const [, go] = useLocation()
  // Not known here before it is asked: in another browser than the one that came back from the provider a password is needed after all.
  const [choosing, setChoosing] = useState(!isVouchedFor())
  const send = useMutation({
    mutationFn: completeRegistration,
    meta: { entry: true },
    onSuccess: async () => {
      // whoever was signed in here before is not any more
      forget(queries)
      await queries.fetchQuery({ ...sessionQuery, staleTime: 0 })
      go('/', { replace: true })
    },
    onError: error => { if (fieldError(error, 'password') !== undefined) setChoosing(true) }
  })

  if (token === null) {
    return <Entry title='This link is not whole' lead='Open it exactly as it was mailed, or ask for a new one.'><Link href='/register'>Ask for a new link</Link></Entry>
  }
  return (
    <Entry title='Finish your registration' lead='Your address is confirmed.'>
      <Form onSend={({ name = '', password = '', organisation = '' }) => send.mutate({ token, name, organisation, ...(choosing ? { password } : {}) })}>
        <AccountFields focus password={choosing} error={send.error} />
        <Refusal error={send.error} />
        <Button type='submit' look='primary' busy={send.isPending}>Create and sign in</Button>
      </Form>
    </Entry>
  )
}
