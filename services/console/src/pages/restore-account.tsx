import { useMutation } from '@tanstack/react-query'
import { Link } from 'wouter'
import { restoreAccount } from '../api/account.ts'
import { Button, ButtonLink } from '../components/button.tsx'
import { Entry } from '../components/entry.tsx'
import { Refusal } from '../components/states.tsx'
import { fragmentToken } from '../fragment.ts'

/** Where the link leads that is mailed when an account is deleted. A press, because programs that look at mail follow links too. */
export function RestoreAccount () {
  const token = fragmentToken()
  const restore = useMutation({ mutationFn: restoreAccount, meta: { entry: true } })
  if (token === null) {
    return <Entry title='This link is not whole' lead='Open it exactly as it was mailed.'><Link href='/login'>Sign in</Link></Entry>
  }
  if (restore.isSuccess) {
    return <Entry title='Your account is back' lead='Everything is as it was. If it was not you who deleted it, change your password.'><ButtonLink to='/login' look='primary'>Sign in</ButtonLink></Entry>
  }
  return (
    <Entry title='Bring your account back?' lead='It was deleted, and would be erased after 30 days.'>
      <Refusal error={restore.error} />
      <Button look='primary' busy={restore.isPending} onClick={() => restore.mutate({ token })}>Bring it back</Button>
    </Entry>
  )
}
