import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { changeOrganisation, organisationQuery, ownOrganisationsQuery, type Organisation } from '../api/organisations.ts'
import { fieldError } from '../api/problem.ts'
import { sessionQuery, useMay } from '../api/session.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { Actions } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { Moment } from './moment.tsx'
import { Failure, Loading, Refusal } from './states.tsx'

export function OrganisationSettings () {
  const { data, error, refetch } = useQuery(organisationQuery)
  const may = useMay('organisation:write')
  return (
    <Card title='Settings' aside={data === undefined ? undefined : <small>Since <Moment at={data.createdAt} /></small>}>
      {data === undefined
        ? error === null ? <Loading what='the settings' rows={1} /> : <Failure error={error} retry={() => { refetch() }} />
        : may ? <SettingsForm organisation={data} /> : <p>{data.name}. A password that is chosen here has at least {data.passwordMinimum} characters.</p>}
    </Card>
  )
}

function SettingsForm ({ organisation }: { organisation: Organisation }) {
  const queries = useQueryClient()
  const [name, setName] = useState(organisation.name)
  const [minimum, setMinimum] = useState(String(organisation.passwordMinimum))
  const [factor, setFactor] = useState(organisation.requireFactor)
  const change = useMutation({
    mutationFn: changeOrganisation,
    onSuccess: async changed => {
      queries.setQueryData(organisationQuery.queryKey, changed)
      setName(changed.name)
      await Promise.all([queries.invalidateQueries({ queryKey: sessionQuery.queryKey }), queries.invalidateQueries({ queryKey: ownOrganisationsQuery.queryKey })])
    }
  })
  return (
    <Form onSend={() => change.mutate({ name, passwordMinimum: Number(minimum), requireFactor: factor })}>
      <Field label='Name' name='name' error={fieldError(change.error, 'name')}>
        {control => <input {...control} value={name} onChange={event => setName(event.target.value)} required maxLength={200} autoComplete='off' />}
      </Field>
      <Field label='Shortest password' name='passwordMinimum' hint='In characters, from 8 to 64. Passwords that are in use stay valid until they are changed.' error={fieldError(change.error, 'passwordMinimum')}>
        {control => <input {...control} type='number' inputMode='numeric' min={8} max={64} value={minimum} onChange={event => setMinimum(event.target.value)} required />}
      </Field>
      <Field label='Second factor' name='requireFactor' hint='Who has none can do nothing here but add one. You need one yourself to ask for it.'>
        {control => (
          <select {...control} value={factor ? 'yes' : 'no'} onChange={event => setFactor(event.target.value === 'yes')}>
            <option value='no'>Up to each person</option>
            <option value='yes'>Every member must show one</option>
          </select>
        )}
      </Field>
      <Refusal error={change.error} />
      <Actions>
        <Button type='submit' busy={change.isPending} disabled={name === organisation.name && minimum === String(organisation.passwordMinimum) && factor === organisation.requireFactor}>Save</Button>
      </Actions>
    </Form>
  )
}
