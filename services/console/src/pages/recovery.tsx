import { MailCheck } from 'lucide-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import { askRecovery, completeRecovery } from '../api/password.ts'
import { forget } from '../api/queries.ts'
import { sessionQuery } from '../api/session.ts'
import { Button } from '../components/button.tsx'
import { Entry } from '../components/entry.tsx'
import { Field, Form } from '../components/field.tsx'
import { NewPasswordField } from '../components/new-password-field.tsx'
import { Refusal } from '../components/states.tsx'
import { fragmentToken } from '../fragment.ts'

/** Where the mailed link leads, and, without one, where it is asked for. */
export function Recovery () {
  const secret = fragmentToken()
  return secret === null ? <AskForLink /> : <ChoosePassword secret={secret} />
}

/** The answer is the same whether or not the address has an account, on purpose: so is this page. */
function AskForLink () {
  const send = useMutation({ mutationFn: askRecovery, meta: { entry: true } })
  if (send.isSuccess) {
    return (
      <Entry title='Look into your mail' footer={<Link href='/login'>Back to sign-in</Link>}>
        <p role='status'><MailCheck size={18} aria-hidden='true' /> If <strong>{send.variables.email}</strong> has an account, a link is on its way to it. It works once, for half an hour. On a local Aurora without mail, the administrator finds it under Mailbox.</p>
      </Entry>
    )
  }
  return (
    <Entry title='Forgot your password?' lead='We mail you a link to choose a new one.' footer={<Link href='/login'>Back to sign-in</Link>}>
      <Form onSend={({ email = '' }) => send.mutate({ email })}>
        <Field label='E-mail' name='email'>
          {control => <input {...control} type='email' autoComplete='username' required autoFocus maxLength={254} />}
        </Field>
        <Refusal error={send.error} />
        <Button type='submit' look='primary' busy={send.isPending}>Send the link</Button>
      </Form>
    </Entry>
  )
}

function ChoosePassword ({ secret }: { secret: string }) {
  const queries = useQueryClient()
  const send = useMutation({
    // What was typed must not stay in a cache of past requests.
    gcTime: 0,
    mutationFn: completeRecovery,
    meta: { entry: true },
    onSuccess: async () => {
      // Whoever was signed in here before may be the person whose sessions have just ended.
      forget(queries)
      await queries.fetchQuery({ ...sessionQuery, staleTime: 0 })
    }
  })
  if (send.isSuccess) {
    return (
      <Entry title='Your password is changed' footer={<Link href='/login'>Sign in</Link>}>
        <p role='status'>Everything that was signed in with your account has ended. Sign in with the new password.</p>
      </Entry>
    )
  }
  return (
    <Entry title='Choose a new password' lead='All of your sessions end. Then you sign in with it.' footer={<a href='/recovery'>Ask for another link</a>}>
      <Form onSend={({ password = '' }) => send.mutate({ secret, password })}>
        <NewPasswordField focus error={send.error} />
        <Refusal error={send.error} />
        <Button type='submit' look='primary' busy={send.isPending}>Set the password</Button>
      </Form>
    </Entry>
  )
}
