import { useState } from 'react'
import { Check, ChevronsUpDown } from 'lucide-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { createOrganisation, ownOrganisationsQuery, switchTo } from '../api/organisations.ts'
import type { Session } from '../api/session.ts'
import { tellOtherTabs } from '../tabs.ts'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Field, Form } from './field.tsx'
import { Failure, Loading, Refusal } from './states.tsx'
import styles from './organisation-switcher.module.css'

/** The page is loaded anew: nothing of the other organisation stays in memory, here or in the other tabs. */
export async function enter (organisation: string): Promise<void> {
  await switchTo(organisation)
  tellOtherTabs('switched')
  location.assign('/')
}

/** Where the session is, and the way to another of the person's organisations. */
export function OrganisationSwitcher ({ session }: { session: Session }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type='button' className={styles.who} aria-haspopup='dialog' aria-label={`${session.organisation.name}, switch organisation`} onClick={() => setOpen(true)}>
        <span className={styles.names}>
          <strong>{session.organisation.name}</strong>
          <span>{session.person.name} · {session.role}</span>
        </span>
        <ChevronsUpDown size={16} aria-hidden='true' />
      </button>
      {open && <Organisations session={session} onClose={() => setOpen(false)} />}
    </>
  )
}

function Organisations ({ session, onClose }: { session: Session, onClose: () => void }) {
  const { data, error, refetch } = useQuery(ownOrganisationsQuery)
  const change = useMutation({ mutationFn: enter })
  const create = useMutation({ mutationFn: async (name: string) => await enter((await createOrganisation({ name })).id) })
  return (
    <Dialog title='Your organisations' onClose={onClose}>
      {data === undefined && (error === null ? <Loading what='your organisations' rows={2} /> : <Failure error={error} retry={() => { refetch() }} />)}
      <ul className={styles.list}>
        {data?.organisations.filter(({ goneAt }) => goneAt === null).map(({ id, name, role }) => (
          <li key={id}>
            <div className={styles.names}><strong>{name}</strong><span>{role}</span></div>
            {id === session.organisation.id
              ? <span className={styles.here}><Check size={16} aria-hidden='true' />You are here</span>
              : <Button small busy={change.isPending && change.variables === id} onClick={() => change.mutate(id)} aria-label={`Switch to ${name}`}>Switch</Button>}
          </li>
        ))}
      </ul>
      <Refusal error={change.error} />
      <Form onSend={({ name = '' }) => create.mutate(name)}>
        <Field label='Create another' name='name'>
          {control => <input {...control} required maxLength={200} autoComplete='off' placeholder='Its name' />}
        </Field>
        <Refusal error={create.error} />
        <Actions><Button type='submit' busy={create.isPending}>Create and go there</Button></Actions>
      </Form>
    </Dialog>
  )
}
