import { useState } from 'react'
import { CircleCheck, CircleDashed, CircleAlert } from 'lucide-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { connectionsQuery, deleteConnection, testConnection, type Connection, type TestResult } from '../api/connections.ts'
import { useMay } from '../api/session.ts'
import type { Provider } from '../providers.ts'
import { Button } from './button.tsx'
import { ConnectionForm } from './connection-form.tsx'
import { ConnectionVersions } from './connection-versions.tsx'
import { Confirm } from './dialog.tsx'
import { Moment } from './moment.tsx'
import { Refusal } from './states.tsx'
import styles from './connection-card.module.css'

export function ConnectionCard ({ provider, connection }: { provider: Provider, connection: Connection | undefined }) {
  const may = useMay('connection:write')
  const queries = useQueryClient()
  const [open, setOpen] = useState<'form' | 'versions' | 'delete' | null>(null)
  const close = () => setOpen(null)
  const remove = useMutation({
    mutationFn: () => deleteConnection(provider.name),
    onSuccess: async () => { await queries.invalidateQueries({ queryKey: connectionsQuery.queryKey }); close() }
  })
  const test = useMutation({ mutationFn: () => testConnection(provider.name) })
  // what was found out of a version says nothing of the next
  const tested = test.data?.version === connection?.version ? test.data : undefined
  return (
    <li className={styles.card}>
      <div>
        <h2>{provider.title}</h2>
        <p className={styles.about}>{provider.about}</p>
      </div>
      <div className={styles.known}>
        <ConnectionState connection={connection} />
        <p role='status' className={tested === undefined ? 'visually-hidden' : `${styles.about} ${tested.result === 'works' ? styles.fine : tested.result === 'refused' ? styles.odd : ''}`}>
          {tested !== undefined && inWords(tested.result, provider.title)}
        </p>
        <Refusal error={connection === undefined ? null : test.error} />
      </div>
      {may && (
        <div className={styles.actions}>
          <Button small look={connection === undefined ? 'primary' : 'plain'} onClick={() => setOpen('form')} aria-label={`${connection === undefined ? 'Connect' : 'Replace'} ${provider.title}`}>
            {connection === undefined ? 'Connect' : 'Replace'}
          </Button>
          {connection !== undefined && <Button small busy={test.isPending} onClick={() => test.mutate()} aria-label={`Test ${provider.title}`}>Test</Button>}
          {connection !== undefined && connection.version > 1 && <Button small onClick={() => setOpen('versions')} aria-label={`Versions of ${provider.title}`}>Versions</Button>}
          {connection !== undefined && <Button small look='danger' onClick={() => { remove.reset(); setOpen('delete') }} aria-label={`Delete ${provider.title}`}>Delete</Button>}
        </div>
      )}
      {open === 'form' && <ConnectionForm provider={provider} replaces={connection !== undefined} onClose={close} />}
      {open === 'versions' && connection !== undefined && <ConnectionVersions provider={provider} current={connection.version} onClose={close} />}
      {open === 'delete' && (
        <Confirm title={`Delete the ${provider.title} connection?`} action='Delete' busy={remove.isPending} onConfirm={() => remove.mutate()} onClose={close}>
          <p>What is stored is removed from the vault. Whatever uses it stops working at once. At the provider the credential stays valid until you revoke it there.</p>
          <Refusal error={remove.error} />
        </Confirm>
      )}
    </li>
  )
}

function inWords (result: TestResult, title: string): string {
  switch (result) {
    case 'works': return `It works: ${title} took it just now.`
    case 'refused': return `${title} refuses it. Replace it, or look there whether it was revoked.`
    case 'unreachable': return `${title} gave no answer that says whether it works. Nothing was changed; try again later.`
    case 'not-testable': return 'It cannot be tested without doing something with it.'
  }
}

export function ConnectionState ({ connection }: { connection: Connection | undefined }) {
  if (connection === undefined) return <p className={styles.state}><CircleDashed size={16} aria-hidden='true' />Not connected</p>
  const fine = connection.status === 'active'
  const trouble = troubleInWords(connection)
  const Icon = fine ? CircleCheck : CircleAlert
  return (
    <div className={styles.known}>
      <p className={`${styles.state} ${fine ? styles.fine : styles.odd}`}><Icon size={16} aria-hidden='true' />{fine ? 'Connected' : connection.status}</p>
      {trouble !== null && <p className={styles.about}>{trouble}</p>}
      <p className={styles.about}>Version {connection.version}, stored <Moment at={connection.updatedAt} /></p>
      {Object.entries(connection.labels ?? {}).map(([name, value]) => <p key={name} className={styles.label}>{name}: {value}</p>)}
    </div>
  )
}

/** What a connection that cannot be used needs of its person. Null when that is nothing. */
function troubleInWords ({ status, broken }: Pick<Connection, 'status' | 'broken'>): string | null {
  if (status === 'expired') return 'The access has run out and the provider does not answer. Nothing can use it until it does; it is asked again, and you need do nothing.'
  if (status !== 'broken') return null
  const why = broken === 'lost'
    ? 'The provider no longer renews the access; an answer of its did not arrive before, and may have replaced it.'
    : 'The provider no longer renews the access: it was ended there, or has run out.'
  return `${why} Nothing can use it. Disconnect it, and connect it again if you still need it.`
}
