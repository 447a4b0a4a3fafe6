import { useMutation, useQueryClient } from '@tanstack/react-query'
import { connectionsQuery, putConnection } from '../api/connections.ts'
import type { Provider, ProviderField } from '../providers.ts'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { Refusal } from './states.tsx'

interface Props { provider: Provider, replaces: boolean, onClose: () => void }

/** The fields are the browser's alone: nothing typed here is kept in the page's state. */
export function ConnectionForm ({ provider, replaces, onClose }: Props) {
  const queries = useQueryClient()
  const { mutate, error, isPending } = useMutation({
    // what was sent must not stay in a cache of past requests
    gcTime: 0,
    mutationFn: (values: Record<string, string>) => putConnection(provider.name, values),
    onSuccess: async () => { await queries.invalidateQueries({ queryKey: connectionsQuery.queryKey }); onClose() }
  })
  const send = (values: Record<string, string>) => mutate(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')))
  return (
    <Dialog title={`${replaces ? 'Replace' : 'Connect'} ${provider.title}`} onClose={onClose}>
      <p>{provider.advice}{replaces && ' What is stored now is replaced in one step.'}</p>
      <Form onSend={send}>
        {provider.fields.map((field, index) => <ProviderControl key={field.name} field={field} focus={index === 0} />)}
        <Refusal error={error} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type='submit' look='primary' busy={isPending}>{replaces ? 'Replace' : 'Store'}</Button>
        </Actions>
      </Form>
    </Dialog>
  )
}

function ProviderControl ({ field, focus }: { field: ProviderField, focus: boolean }) {
  return (
    <Field label={field.optional === true ? `${field.label} (optional)` : field.label} name={field.name} hint={field.hint}>
      {control => {
        const common = { ...control, required: field.optional !== true, autoFocus: focus, placeholder: field.placeholder, autoComplete: 'off', spellCheck: false, autoCapitalize: 'off' }
        if (field.kind === 'json') return <textarea {...common} rows={8} maxLength={32_768} />
        return <input {...common} type={field.kind === 'secret' ? 'password' : 'text'} autoComplete={field.kind === 'secret' ? 'new-password' : 'off'} maxLength={8192} />
      }}
    </Field>
  )
}
