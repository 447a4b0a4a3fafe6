import { useState, type ReactNode } from 'react'
import type { FactorProof } from '../api/entry.ts'
import { Button } from './button.tsx'
import { Field, Form } from './field.tsx'
import { Refusal } from './states.tsx'

interface Props { busy: boolean, error: unknown, word: string, onProof: (proof: FactorProof) => void, children?: ReactNode }

/** Asks for a second factor: the code of the app, or one of the printed ones. */
export function FactorForm ({ busy, error, word, onProof, children }: Props) {
  const [printed, setPrinted] = useState(false)
  return (
    <Form key={String(printed)} onSend={({ totp = '', recoveryCode = '' }) => onProof(printed ? { recoveryCode } : { totp: totp.replace(/\s/g, '') })}>
      {printed
        ? (
          <Field label='Recovery code' name='recoveryCode' hint='Each works once.'>
            {control => <input {...control} autoComplete='off' autoCapitalize='none' spellCheck={false} required minLength={20} maxLength={40} autoFocus />}
          </Field>
          )
        : (
          <Field label='Code from your authenticator app' name='totp'>
            {control => <input {...control} inputMode='numeric' autoComplete='one-time-code' required pattern='[0-9 ]{6,7}' maxLength={7} autoFocus />}
          </Field>
          )}
      <Refusal error={error} />
      <Button type='submit' look='primary' busy={busy}>{word}</Button>
      <Button look='quiet' onClick={() => setPrinted(!printed)}>{printed ? 'Use the app instead' : 'Use a recovery code instead'}</Button>
      {children}
    </Form>
  )
}
