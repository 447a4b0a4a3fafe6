import { fieldError } from '../api/problem.ts'
import { Field } from './field.tsx'

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
      {password && (
        <Field label='Password' name='password' error={fieldError(error, 'password')} hint='At least 8 characters, any of them; a sentence works well. Not one that leaked somewhere, nor your e-mail address with a year behind it.'>
          {control => <input {...control} type='password' autoComplete='new-password' required minLength={8} maxLength={512} />}
        </Field>
      )}
    </>
  )
}
