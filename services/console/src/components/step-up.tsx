import { useEffect, useState } from 'react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { stepUp } from '../api/entry.ts'
import { factorsQuery } from '../api/factors.ts'
import { setProver } from '../api/proof.ts'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { FactorForm } from './factor-form.tsx'
import { Field, Form } from './field.tsx'
import { Loading, Refusal } from './states.tsx'

/** Stands on every page of someone who is signed in. A call that needs a fresh proof opens it, waits for it, and is then made once more. */
export function StepUp () {
  const [waiting, setWaiting] = useState<((proved: boolean) => void) | null>(null)

  useEffect(() => {
    setProver(() => new Promise(resolve => setWaiting(() => resolve)))
    return () => setProver(null)
  }, [])

  if (waiting === null) return null
  return <StepUpDialog onEnd={proved => { waiting(proved); setWaiting(null) }} />
}

function StepUpDialog ({ onEnd }: { onEnd: (proved: boolean) => void }) {
  const factors = useQuery({ ...factorsQuery, staleTime: 0 })
  const kinds = [...new Set((factors.data?.factors ?? []).map(({ kind }) => kind))]
  const prove = useMutation({
    // what was typed must not stay in a cache of past requests
    gcTime: 0,
    mutationFn: stepUp,
    onSuccess: () => onEnd(true)
  })
  return (
    <Dialog title='Prove that it is you' onClose={() => onEnd(false)}>
      <p>What you are about to do can give others what is yours, so Aurora wants to be sure that nobody took over your browser.</p>
      {factors.isPending && <Loading what='how you can' rows={1} />}
      {!factors.isPending && kinds.length > 0 && (
        <FactorForm kinds={[...kinds, 'recovery-code']} busy={prove.isPending} error={prove.error} word='Continue' onProof={proof => prove.mutate(proof)}>
          <Button onClick={() => onEnd(false)}>Cancel</Button>
        </FactorForm>
      )}
      {!factors.isPending && kinds.length === 0 && (
        <Form onSend={({ password = '' }) => prove.mutate({ password })}>
          <Field label='Your password' name='password'>
            {control => <input {...control} type='password' autoComplete='current-password' required maxLength={512} />}
          </Field>
          <Refusal error={prove.error} />
          <Actions>
            <Button onClick={() => onEnd(false)}>Cancel</Button>
            <Button type='submit' look='primary' busy={prove.isPending}>Continue</Button>
          </Actions>
        </Form>
      )}
    </Dialog>
  )
}
