import { Field } from './field.tsx'

/** What a new owner chooses: their name, a password, and what to call the organisation. */
export function AccountFields ({ focus = false }: { focus?: boolean }) {
  return (
    <>
      <Field label='Your name' name='name'>
        {control => <input {...control} autoComplete='name' required autoFocus={focus} maxLength={100} />}
      </Field>
      <Field label='Organisation' name='organisation'>
        {control => <input {...control} autoComplete='organization' required maxLength={100} />}
      </Field>
      <Field label='Password' name='password' hint='At least 8 characters, any of them. A sentence works well.'>
        {control => <input {...control} type='password' autoComplete='new-password' required minLength={8} maxLength={512} />}
      </Field>
    </>
  )
}
