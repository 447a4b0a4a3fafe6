import { MailCheck } from 'lucide-react'
import { useMutation } from '@tanstack/react-query'
import { Link, useSearchParams } from 'wouter'
import { register } from '../api/entry.ts'
import { Button } from '../components/button.tsx'
import { Entry } from '../components/entry.tsx'
import { Field, Form } from '../components/field.tsx'
import { Refusal } from '../components/states.tsx'

/** The answer is the same for a known address and a new one, on purpose: so is this page. */
export function Register () {
  const send = useMutation({ mutationFn: register, meta: { entry: true } })
  const [search] = useSearchParams()

  // A provider vouched for somebody new, and the link is on its way to the address it told.
  if (send.isSuccess || search.has('sent')) {
    return (
      <Entry title='Look into your mail' footer={<Link href='/login'>Back to sign-in</Link>}>
        <p role='status'><MailCheck size={18} aria-hidden='true' /> We sent a link to <strong>{send.variables?.email ?? 'your address'}</strong>. It works once, for a short while. On a local Aurora without mail, the administrator finds it under Mailbox.</p>
      </Entry>
    )
  }
  return (
    <Entry title='Create an organisation' lead='We mail you a link: your address is confirmed before anything exists.' footer={<>Already have one? <Link href='/login'>Sign in</Link></>}>
      <Form onSend={({ email = '' }) => send.mutate({ email })}>
        <Field label='Work e-mail' name='email'>
          {control => <input {...control} type='email' autoComplete='email' required autoFocus maxLength={254} />}
        </Field>
        <Refusal error={send.error} />
        <Button type='submit' look='primary' busy={send.isPending}>Send the link</Button>
      </Form>
    </Entry>
  )
}
