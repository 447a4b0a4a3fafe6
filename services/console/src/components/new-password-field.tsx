import { fieldError } from '../api/problem.ts'
import { Field } from './field.tsx'

interface Props {
  label?: string
  /** Characters that it has at least; where that is not known yet, what every installation asks for. */
  minimum?: number
  focus?: boolean
  /** What came of it. */
  error: unknown
}

/** A password that is being chosen. */
export function NewPasswordField ({ label = 'New password', minimum = 8, focus = false, error }: Props) {
  return (
    <Field label={label} name='password' error={fieldError(error, 'password')} hint={`At least ${minimum} characters, any of them; a sentence works well. Not one that leaked somewhere, nor your e-mail address with a year behind it.`}>
      {control => <input {...control} type='password' autoComplete='new-password' required autoFocus={focus} minLength={minimum} maxLength={512} />}
    </Field>
  )
}
