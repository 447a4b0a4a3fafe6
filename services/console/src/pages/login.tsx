import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Redirect, useLocation, useSearchParams } from 'wouter'
import { login, loginFactor, setupNeeded, type FactorKind } from '../api/entry.ts'
import { knowsPasskeys, loginWithPasskey } from '../api/passkeys.ts'
import { refusalInWords } from '../api/providers.ts'
import { sessionQuery } from '../api/session.ts'
import { Button } from '../components/button.tsx'
import { Entry } from '../components/entry.tsx'
import { FactorForm } from '../components/factor-form.tsx'
import { Field, Form } from '../components/field.tsx'
import { ProviderButtons } from '../components/provider-buttons.tsx'
import { Refusal } from '../components/states.tsx'

export function Login () {
  const queries = useQueryClient()
  const [, go] = useLocation()
  const [search] = useSearchParams()
  const next = insidePath(search.get('next'))
  const refusal = refusalInWords(search.get('refused'))
  const session = useQuery(sessionQuery).data
  const fresh = useQuery({ queryKey: ['session', 'setup'], queryFn: ({ signal }) => setupNeeded(signal), retry: false, staleTime: Infinity }).data?.needed === true

  const signIn = useMutation({
    mutationFn: login,
    meta: { entry: true },
    onSuccess: async ({ factors }) => { if (factors === undefined) await enter() }
  })
  const second = useMutation({ gcTime: 0, mutationFn: loginFactor, meta: { entry: true }, onSuccess: () => enter() })

  const withPasskey = useMutation({ gcTime: 0, mutationFn: loginWithPasskey, meta: { entry: true }, onSuccess: () => enter() })

  async function enter () {
    await queries.fetchQuery({ ...sessionQuery, staleTime: 0 })
    go(next, { replace: true })
  }

  // A provider that was to be linked from the account sends back here when it refuses.
  if (session != null && !signIn.isPending && !withPasskey.isPending) return <Redirect to={refusal === null ? next : `/account?refused=${search.get('refused') ?? ''}`} replace />
  // A provider's answer comes back to this page with what is still to be shown.
  const kinds = signIn.data?.factors ?? search.get('factors')?.split(',') as FactorKind[] | undefined
  if (kinds !== undefined) {
    return (
      <Entry title='One more step' lead='Your account has a second factor.' footer={<Link href='/login' onClick={() => signIn.reset()}>Begin again</Link>}>
        <FactorForm kinds={kinds} busy={second.isPending} error={second.error} word='Sign in' onProof={proof => second.mutate(proof)} />
      </Entry>
    )
  }
  return (
    <Entry
      title='Sign in'
      lead={refusal ?? (fresh ? 'This Aurora has no owner yet. Open the one-time setup link that its start printed.' : undefined)}
      footer={<><Link href='/recovery'>Forgot your password?</Link><br />New here? <Link href='/register'>Create an organisation</Link></>}
    >
      <Form onSend={({ email = '', password = '' }) => signIn.mutate({ email, password })}>
        <Field label='E-mail' name='email'>
          {control => <input {...control} type='email' autoComplete='username' required autoFocus maxLength={254} />}
        </Field>
        <Field label='Password' name='password'>
          {control => <input {...control} type='password' autoComplete='current-password' required maxLength={512} />}
        </Field>
        <Refusal error={signIn.error} />
        <Button type='submit' look='primary' busy={signIn.isPending}>Sign in</Button>
      </Form>
      <ProviderButtons purpose='login' returnTo={next}>
        {knowsPasskeys() && (
          <>
            <Button busy={withPasskey.isPending} onClick={() => withPasskey.mutate()}>Sign in with a passkey</Button>
            <Refusal error={withPasskey.error} />
          </>
        )}
      </ProviderButtons>
    </Entry>
  )
}

/** Only a path of this console: a link from elsewhere cannot send a person on to another host after sign-in. */
function insidePath (next: string | null): string {
  if (next === null) return '/'
  const url = URL.parse(next, location.origin)
  // `/.//elsewhere.example` becomes `//elsewhere.example`, which a browser takes for another host.
  return url?.origin === location.origin && url.pathname !== '/login' && !url.pathname.startsWith('//') ? url.pathname + url.search : '/'
}
