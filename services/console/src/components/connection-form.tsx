import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { connectionsQuery, putConnection } from '../api/connections.ts'
import type { Provider, ProviderField } from '../providers.ts'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { PairFields, withPairs } from './pair-fields.tsx'
import { Refusal } from './states.tsx'

interface Props { provider: Provider, replaces: boolean, onClose: () => void }

/** The fields are the browser's alone: nothing typed here is kept in the page's state. */
export function ConnectionForm ({ provider, replaces, onClose }: Props) {
  const queries = useQueryClient()
  const [chosen, setChosen] = useState(0)
  const { mutate, error, isPending, reset } = useMutation({
    // what was sent must not stay in a cache of past requests
    gcTime: 0,
    mutationFn: (values: Record<string, string>) => putConnection(provider.name, values),
    onSuccess: async () => { await queries.invalidateQueries({ queryKey: connectionsQuery.queryKey }); onClose() }
  })
  const send = (values: Record<string, string>) => mutate(withPairs(Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== '' && name !== 'way'))))
  const severalWays = provider.ways.length > 1
  return (
    <Dialog title={`${replaces ? 'Replace' : 'Connect'} ${provider.title}`} onClose={onClose}>
      <p>{provider.advice}{replaces && ' What is stored now is replaced in one step.'}</p>
      <Form onSend={send}>
        {severalWays && (
          <Field label='Connect with' name='way'>
            {control => (
              <select {...control} value={chosen} onChange={event => { reset(); setChosen(Number(event.target.value)) }}>
                {provider.ways.map((way, index) => <option key={way.label} value={index}>{way.label}</option>)}
              </select>
            )}
          </Field>
        )}
        {/* with the way in the key, what was typed for another way is gone */}
        {provider.ways[chosen]?.fields.map(field => <ProviderControl key={`${chosen} ${field.name}`} field={field} />)}
        <Refusal error={error} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type='submit' look='primary' busy={isPending}>{replaces ? 'Replace' : 'Store'}</Button>
        </Actions>
      </Form>
    </Dialog>
  )
}

function ProviderControl ({ field }: { field: ProviderField }) {
  if (field.kind === 'pairs') return <PairFields />
  return (
    <Field label={field.optional === true ? `${field.label} (optional)` : field.label} name={field.name} hint={field.hint}>
      {control => {
        const common = { ...control, required: field.optional !== true, placeholder: field.placeholder, autoComplete: 'off', spellCheck: false, autoCapitalize: 'off' }
        if (field.kind === 'json') return <textarea {...common} rows={8} maxLength={32_768} />
        if (field.kind === 'choice') return <select {...control}>{field.choices?.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}</select>
        return <input {...common} type={field.kind === 'secret' ? 'password' : 'text'} autoComplete={field.kind === 'secret' ? 'new-password' : 'off'} maxLength={8192} />
      }}
    </Field>
  )
}
