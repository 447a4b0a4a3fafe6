import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import { completeEmailChange } from '../api/email.ts'
import { sessionQuery, useSession } from '../api/session.ts'
import { ownSessionsQuery } from '../api/sessions.ts'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { Form } from '../components/field.tsx'
import { Page } from '../components/page.tsx'
import { Refusal } from '../components/states.tsx'
import { fragmentToken } from '../fragment.ts'

/** Where the link in the new mailbox leads, in a session of its person. Nothing happens before the button: programs follow links too. */
export function EmailChange () {
  const secret = fragmentToken()
  const queries = useQueryClient()
  const session = useSession()
  const confirm = useMutation({
    mutationFn: completeEmailChange,
    onSuccess: async () => { await Promise.all([sessionQuery, ownSessionsQuery].map(({ queryKey }) => queries.invalidateQueries({ queryKey }))) }
  })
  return (
    <Page title='Confirm your address'>
      <Card>
        {confirm.isSuccess
          ? <p role='status'>Your address is <strong>{session?.person.email}</strong> now, and your other sessions have ended. <Link href='/account'>To your account</Link></p>
          : secret === null
            ? <p>This link is not whole. Open it exactly as it was mailed, or ask for a new one on the page of <Link href='/account'>your account</Link>.</p>
            : (
              <Form onSend={() => confirm.mutate({ secret })}>
                <p>The account of <strong>{session?.person.name}</strong>, {session?.person.email}, gets the address that this link was mailed to.</p>
                <Refusal error={confirm.error} />
                <div><Button type='submit' look='primary' busy={confirm.isPending}>Use the new address</Button></div>
              </Form>
              )}
      </Card>
    </Page>
  )
}
