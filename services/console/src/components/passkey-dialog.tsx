import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { addPasskey } from '../api/passkeys.ts'
import { fieldError } from '../api/problem.ts'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { Refusal } from './states.tsx'

/** Adds a passkey: a name for the list, then the browser's own dialog. */
export function PasskeyDialog ({ onDone, onClose }: { onDone: (recoveryCodes: string[]) => void, onClose: () => void }) {
  const [label, setLabel] = useState('Passkey')
  const add = useMutation({ gcTime: 0, mutationFn: addPasskey, onSuccess: ({ recoveryCodes }) => onDone(recoveryCodes) })
  return (
    <Dialog title='Add a passkey' onClose={onClose}>
      <p>A passkey stays on your device, in your password manager or on a security key, and opens for your fingerprint, face or PIN. It signs you in without a password, and cannot be used on any other site.</p>
      <Form onSend={() => add.mutate(label)}>
        <Field label='Name' name='label' hint='So that you know it again: where it is kept.' error={fieldError(add.error, 'label')}>
          {control => <input {...control} value={label} onChange={event => setLabel(event.target.value)} required maxLength={100} autoComplete='off' />}
        </Field>
        <p>Your other sessions end, and from now on a sign-in with your password asks for a second factor.</p>
        <Refusal error={add.error} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type='submit' look='primary' busy={add.isPending}>Continue</Button>
        </Actions>
      </Form>
    </Dialog>
  )
}
