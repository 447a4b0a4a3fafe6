import { useQuery } from '@tanstack/react-query'
import { LockKeyhole } from 'lucide-react'
import { useSearchParams } from 'wouter'
import { cloudsQuery, connectRefusalInWords } from '../api/clouds.ts'
import { connectionsQuery } from '../api/connections.ts'
import { CloudCard } from '../components/cloud-card.tsx'
import { ConnectionCard } from '../components/connection-card.tsx'
import { Page } from '../components/page.tsx'
import { Failure, Loading } from '../components/states.tsx'
import { providers } from '../providers.ts'
import styles from './connections.module.css'

export function Connections () {
  const { data, error, refetch } = useQuery(connectionsQuery)
  const listed = useQuery({ ...cloudsQuery, retry: false }).data?.providers
  const [search] = useSearchParams()
  const refusal = connectRefusalInWords(search.get('refused'))
  // What is connected and not set up here any more can still be disconnected.
  const left = listed === undefined ? [] : data?.connections.filter(({ provider }) => ![...listed, ...providers].some(({ name }) => name === provider)) ?? []
  const clouds = [...listed ?? [], ...left.map(({ provider }) => ({ name: provider, title: provider, scopes: [] }))]
  const of = (name: string) => data?.connections.find(connection => connection.provider === name)
  return (
    <Page title='Connections'>
      <p className={styles.lead}><LockKeyhole size={18} aria-hidden='true' />What you store here goes into the vault and never comes back to a browser, yours included: it can be replaced or deleted, not read.</p>
      {refusal !== null && <p role='alert' className={styles.refusal}>{refusal}</p>}
      {data === undefined
        ? error === null ? <Loading what='connections' rows={4} /> : <Failure error={error} retry={() => { refetch() }} />
        : (
          <ul className={styles.list}>
            {clouds.map(cloud => <CloudCard key={cloud.name} cloud={cloud} connection={of(cloud.name)} />)}
            {providers.map(provider => <ConnectionCard key={provider.name} provider={provider} connection={of(provider.name)} />)}
          </ul>
          )}
    </Page>
  )
}
