import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { renderSVG } from 'uqr'
import { beginTotp, confirmTotp } from '../api/factors.ts'
import { fieldError } from '../api/problem.ts'
import { Button } from './button.tsx'
import { Snippet } from './copy.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { Refusal } from './states.tsx'
import styles from './totp-dialog.module.css'

/** Adds an authenticator app: a name, then the picture and its first code. The seed is on the screen this once, and in no cache afterwards. */
export function TotpDialog ({ onDone, onClose }: { onDone: (recoveryCodes: string[]) => void, onClose: () => void }) {
  const [label, setLabel] = useState('Authenticator app')
  const begin = useMutation({ gcTime: 0, mutationFn: beginTotp })
  const confirm = useMutation({ gcTime: 0, mutationFn: confirmTotp, onSuccess: ({ recoveryCodes }) => onDone(recoveryCodes) })
  const begun = begin.data
  if (begun === undefined) {
    return (
      <Dialog title='Add an authenticator app' onClose={onClose}>
        <Form onSend={() => begin.mutate(label)}>
          <Field label='Name' name='label' hint='So that you know it again: which app, on which phone.' error={fieldError(begin.error, 'label')}>
            {control => <input {...control} value={label} onChange={event => setLabel(event.target.value)} required maxLength={100} autoComplete='off' />}
          </Field>
          <Refusal error={begin.error} />
          <Actions>
            <Button onClick={onClose}>Cancel</Button>
            <Button type='submit' look='primary' busy={begin.isPending}>Continue</Button>
          </Actions>
        </Form>
      </Dialog>
    )
  }
  return (
    <Dialog title='Add an authenticator app' onClose={onClose} firm>
      <p>Scan this with the app, or type the text into it. Then type the code that it shows.</p>
      <img className={styles.picture} alt='QR code for the authenticator app' src={`data:image/svg+xml,${encodeURIComponent(renderSVG(begun.uri, { border: 2 }))}`} />
      <Snippet label='Secret, shown once' text={begun.secret} secret />
      <Form onSend={({ totp = '' }) => confirm.mutate({ id: begun.id, totp: totp.replace(/\s/g, '') })}>
        <Field label='Code' name='totp' error={fieldError(confirm.error, 'totp')}>
          {control => <input {...control} inputMode='numeric' autoComplete='one-time-code' required pattern='[0-9 ]{6,7}' maxLength={7} />}
        </Field>
        <p>Your other sessions end, and from now on a sign-in asks for a code.</p>
        <Refusal error={confirm.error} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type='submit' look='primary' busy={confirm.isPending}>Add it</Button>
        </Actions>
      </Form>
    </Dialog>
  )
}
