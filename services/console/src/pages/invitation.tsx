import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import { accept, decline, invitedQuery, joinAsNew, type Invited } from '../api/invitations.ts'
import { fieldError, isProblem } from '../api/problem.ts'
import { forget } from '../api/queries.ts'
import { sessionQuery } from '../api/session.ts'
import { Button, ButtonLink } from '../components/button.tsx'
import { Entry } from '../components/entry.tsx'
import { Field, Form } from '../components/field.tsx'
import { enter } from '../components/organisation-switcher.tsx'
import { Failure, Refusal } from '../components/states.tsx'
import { Waiting } from '../components/waiting.tsx'
import { fragmentToken } from '../fragment.ts'
import { useSignOut } from '../sign-out.ts'
import styles from './invitation.module.css'

/** Where a mailed invitation leads: somebody signed in, somebody who is not, somebody new, somebody else. */
export function InvitationPage () {
  const token = fragmentToken()
  if (token === null) return <Entry title='This link is not whole' lead='Open it exactly as it was mailed, or ask whoever invited you to send it again.'><Link href='/'>To Aurora</Link></Entry>
  return <Opened token={token} />
}

function Opened ({ token }: { token: string }) {
  const { data: invited, error, refetch } = useQuery(invitedQuery(token))
  const session = useQuery(sessionQuery)
  const refuse = useMutation({ mutationFn: () => decline(token), meta: { entry: true } })

  if (isProblem(error) && error.status === 404) {
    return <Entry title='This invitation is not valid any more' lead='It was used, taken back or has run out. Ask whoever invited you to send it again.'><Link href='/'>To Aurora</Link></Entry>
  }
  if (error !== null) return <Failure error={error} retry={() => { refetch() }} />
  if (invited === undefined || session.data === undefined) return <Waiting />
  if (refuse.isSuccess) return <Entry title='Declined' lead={`You did not join ${invited.organisation}.`}><Link href='/'>To Aurora</Link></Entry>
  return (
    <Entry
      title={`Join ${invited.organisation}`}
      lead={<>{invited.invitedBy} invites <strong>{invited.email}</strong> to work there as {invited.role}.</>}
      footer={<Button look='quiet' busy={refuse.isPending} onClick={() => refuse.mutate()}>Decline the invitation</Button>}
    >
      <Refusal error={refuse.error} />
      {session.data === null
        ? invited.account ? <ButtonLink to='/login?next=/invitation' look='primary'>Sign in to accept</ButtonLink> : <Join token={token} invited={invited} />
        : session.data.person.email === invited.email ? <Accept token={token} /> : <SomebodyElse email={session.data.person.email} />}
    </Entry>
  )
}

function Accept ({ token }: { token: string }) {
  const join = useMutation({ mutationFn: async () => await enter((await accept(token)).organisation.id) })
  return (
    <>
      <Refusal error={join.error} />
      <Button look='primary' busy={join.isPending} onClick={() => join.mutate()}>Accept and go there</Button>
    </>
  )
}

function Join ({ token, invited }: { token: string, invited: Invited }) {
  const queries = useQueryClient()
  const join = useMutation({
    mutationFn: joinAsNew,
    gcTime: 0,
    meta: { entry: true },
    onSuccess: () => {
      forget(queries)
      location.replace('/')
    }
  })
  return (
    <Form onSend={({ name = '', password = '' }) => join.mutate({ token, name, password })}>
      <p className={styles.soft}>There is no account for {invited.email} yet. The link has proved that the address is yours: choose a name and a password.</p>
      <Field label='Your name' name='name' error={fieldError(join.error, 'name')}>
        {control => <input {...control} autoComplete='name' required autoFocus maxLength={100} />}
      </Field>
      <Field label='Password' name='password' hint={`At least ${invited.passwordMinimum} characters, any of them; a sentence works well. Not one that leaked somewhere, nor your e-mail address with a year behind it.`} error={fieldError(join.error, 'password')}>
        {control => <input {...control} type='password' autoComplete='new-password' required minLength={invited.passwordMinimum} maxLength={512} />}
      </Field>
      <Refusal error={join.error} />
      <Button type='submit' look='primary' busy={join.isPending}>Create the account and join</Button>
    </Form>
  )
}

function SomebodyElse ({ email }: { email: string }) {
  const { signOut, leaving } = useSignOut()
  return (
    <>
      <p className={styles.soft}>You are signed in as {email}. Sign out, then open the link again from your mail.</p>
      <Button busy={leaving} onClick={() => signOut()}>Sign out</Button>
    </>
  )
}
