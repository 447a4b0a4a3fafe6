import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ownKeysQuery, type MadeApiKey, type NewApiKey } from '../api/api-keys.ts'
import { ApiKeyShown } from './api-key-shown.tsx'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { ScopeChoice } from './scope-choice.tsx'
import { Refusal } from './states.tsx'

const lifetimes = [[7, 'a week'], [30, '30 days'], [90, '90 days'], [365, 'a year']] as const

/** `scopes`: what may be chosen; none for a key that is good for one thing. */
export function NewApiKeyDialog ({ title, scopes = [], make, onClose }: { title: string, scopes?: string[], make: (values: NewApiKey) => Promise<MadeApiKey>, onClose: () => void }) {
  const queries = useQueryClient()
  const [chosen, setChosen] = useState<string[]>([])
  const creation = useMutation({
    // the answer holds the key: it goes with this dialog
    gcTime: 0,
    mutationFn: make,
    onSuccess: () => queries.invalidateQueries({ queryKey: ownKeysQuery.queryKey })
  })
  if (creation.data !== undefined) return <ApiKeyShown made={creation.data} onClose={onClose} />

  const send = ({ name = '', days = '30', networks = '' }: Record<string, string>) =>
    creation.mutate({ name, scopes: chosen, days: Number(days), networks: networks.split(/[\s,]+/).filter(text => text !== '') })
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSend={send}>
        <Field label='Name' name='name' hint='What it is for, for example “Deploy script”.'>
          {control => <input {...control} required maxLength={100} autoComplete='off' />}
        </Field>
        {scopes.length > 0 && <ScopeChoice scopes={scopes} chosen={chosen} onChange={setChosen} />}
        <Field label='Works for' name='days'>
          {control => <select {...control} defaultValue='30'>{lifetimes.map(([days, words]) => <option key={days} value={days}>{words}</option>)}</select>}
        </Field>
        <Field label='Only from these networks' name='networks' hint='Addresses or networks such as 203.0.113.0/24; empty for anywhere.'>
          {control => <input {...control} maxLength={500} autoComplete='off' />}
        </Field>
        <Refusal error={creation.error} />
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type='submit' look='primary' busy={creation.isPending}>Make the key</Button>
        </Actions>
      </Form>
    </Dialog>
  )
}
