import { useState, type ReactNode } from 'react'
import type { FactorKind, FactorProof } from '../api/entry.ts'
import { knowsPasskeys } from '../api/passkeys.ts'
import { Button } from './button.tsx'
import { Field, Form } from './field.tsx'
import { Refusal } from './states.tsx'

interface Props { kinds: readonly FactorKind[], busy: boolean, error: unknown, word: string, onProof: (proof: FactorProof) => void, children?: ReactNode }

/** The quickest first. */
const order = ['passkey', 'totp', 'recovery-code'] as const
const instead = { passkey: 'Use your passkey instead', totp: 'Use the app instead', 'recovery-code': 'Use a recovery code instead' }

/** Asks for one of the second factors that somebody has. */
export function FactorForm ({ kinds, busy, error, word, onProof, children }: Props) {
  const ways = order.filter(kind => kinds.includes(kind) && (kind !== 'passkey' || knowsPasskeys()))
  const [chosen, setChosen] = useState<FactorKind | undefined>(ways[0])
  const send = ({ totp = '', recoveryCode = '' }) => onProof(chosen === 'passkey' ? 'passkey' : chosen === 'totp' ? { totp: totp.replace(/\s/g, '') } : { recoveryCode })
  return (
    <Form key={chosen} onSend={send}>
      {chosen === 'totp' && (
        <Field label='Code from your authenticator app' name='totp'>
          {control => <input {...control} inputMode='numeric' autoComplete='one-time-code' required pattern='[0-9 ]{6,7}' maxLength={7} autoFocus />}
        </Field>
      )}
      {chosen === 'recovery-code' && (
        <Field label='Recovery code' name='recoveryCode' hint='Each works once.'>
          {control => <input {...control} autoComplete='off' autoCapitalize='none' spellCheck={false} required minLength={20} maxLength={40} autoFocus />}
        </Field>
      )}
      <Refusal error={error} />
      <Button type='submit' look='primary' busy={busy} autoFocus={chosen === 'passkey'}>{chosen === 'passkey' ? 'Use your passkey' : word}</Button>
      {ways.filter(way => way !== chosen).map(way => <Button key={way} look='quiet' onClick={() => setChosen(way)}>{instead[way]}</Button>)}
      {children}
    </Form>
  )
}
