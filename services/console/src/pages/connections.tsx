import { useQuery } from '@tanstack/react-query'
import { LockKeyhole } from 'lucide-react'
import { connectionsQuery } from '../api/connections.ts'
import { ConnectionCard } from '../components/connection-card.tsx'
import { Page } from '../components/page.tsx'
import { Failure, Loading } from '../components/states.tsx'
import { providers } from '../providers.ts'
import styles from './connections.module.css'

export function Connections () {
  const { data, error, refetch } = useQuery(connectionsQuery)
  const of = (name: string) => data?.connections.find(connection => connection.provider === name)
  return (
    <Page title='Connections'>
      <p className={styles.lead}><LockKeyhole size={18} aria-hidden='true' />What you store here goes into the vault and never comes back to a browser, yours included: it can be replaced or deleted, not read.</p>
      {data === undefined
        ? error === null ? <Loading what='connections' rows={4} /> : <Failure error={error} retry={() => { refetch() }} />
        : <ul className={styles.list}>{providers.map(provider => <ConnectionCard key={provider.name} provider={provider} connection={of(provider.name)} />)}</ul>}
    </Page>
  )
}
