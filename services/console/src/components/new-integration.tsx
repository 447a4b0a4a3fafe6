import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { createIntegration, integrationsQuery, type Authentication, type Kind } from '../api/integrations.ts'
import { integrationKinds, kindOf } from '../integration-kinds.ts'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { IntegrationSecret } from './integration-secret.tsx'
import { Refusal } from './states.tsx'

export function NewIntegrationDialog ({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient()
  const [kind, setKind] = useState<Kind>('alertmanager')
  const create = useMutation({
    // the answer holds the secret: it goes with this dialog
    gcTime: 0,
    mutationFn: createIntegration,
    onSuccess: () => queries.invalidateQueries({ queryKey: integrationsQuery.queryKey })
  })
  if (create.data !== undefined) return <IntegrationSecret integration={create.data} onClose={onClose} />

  const chosen = kindOf(kind)
  const choices = chosen?.authentications ?? []
  const send = ({ name = '', authentication }: Record<string, string>) =>
    create.mutate({ kind, name, authentication: (authentication ?? choices[0]?.value) as Authentication })
  return (
    <Dialog title='Create an integration' onClose={onClose}>
      <Form onSend={send}>
        <Field label='Tool' name='kind' hint={chosen?.about}>
          {control => (
            <select {...control} value={kind} onChange={event => setKind(event.target.value as Kind)} autoFocus>
              {integrationKinds.map(each => <option key={each.kind} value={each.kind}>{each.title}</option>)}
            </select>
          )}
        </Field>
        <Field label='Name' name='name' hint='What your people call it, for example “Production cluster”.'>
          {control => <input {...control} required maxLength={100} autoComplete='off' />}
        </Field>
        {choices.length > 1 && (
          <Field label='How deliveries prove where they come from' name='authentication'>
            {control => <select {...control}>{choices.map(choice => <option key={choice.value} value={choice.value}>{choice.label}</option>)}</select>}
          </Field>
        )}
        <Refusal error={create.error} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type='submit' look='primary' busy={create.isPending}>Create</Button>
        </Actions>
      </Form>
    </Dialog>
  )
}
