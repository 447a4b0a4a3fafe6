import { useMutation } from '@tanstack/react-query'
import { setIntegrationSecret, type Integration } from '../api/integrations.ts'
import { Button } from './button.tsx'
import { Actions } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { Refusal } from './states.tsx'

interface Props { integration: Integration, tool: string, onDone: () => void, onLater: () => void }

/** For a tool that makes the secret itself. Nothing that it sends is accepted before Aurora knows it. */
export function SigningSecretForm ({ integration, tool, onDone, onLater }: Props) {
  const { mutate, error, isPending } = useMutation({
    gcTime: 0,
    mutationFn: (secret: string) => setIntegrationSecret(integration.id, secret),
    onSuccess: onDone
  })
  return (
    <Form onSend={({ secret = '' }) => mutate(secret.trim())}>
      <Field label={`Signing secret from ${tool}`} name='secret' hint='It goes into the vault. A secret that was set before stays good until the next change.'>
        {control => <input {...control} type='password' autoComplete='new-password' required minLength={16} maxLength={200} />}
      </Field>
      <Refusal error={error} />
      <Actions>
        <Button onClick={onLater}>Later</Button>
        <Button type='submit' look='primary' busy={isPending}>Store the secret</Button>
      </Actions>
    </Form>
  )
}
