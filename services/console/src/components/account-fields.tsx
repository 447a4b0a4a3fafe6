import { fieldError } from '../api/problem.ts'
import { Field } from './field.tsx'
import { NewPasswordField } from './new-password-field.tsx'

/** What a new owner chooses: their name, a password (unless a provider vouches for them), and what to call the organisation. `error` is what came of it. */
export function AccountFields ({ focus = false, password = true, error }: { focus?: boolean, password?: boolean, error: unknown }) {
  return (
    <>
      <Field label='Your name' name='name' error={fieldError(error, 'name')}>
        {control => <input {...control} autoComplete='name' required autoFocus={focus} maxLength={100} />}
      </Field>
      <Field label='Organisation' name='organisation' error={fieldError(error, 'organisation')}>
        {control => <input {...control} autoComplete='organization' required maxLength={100} />}
      </Field>
      {password && <NewPasswordField label='Password' error={error} />}
    </>
  )
}
