import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { allKeysQuery, makeAgentKey, revokeAnyKey } from '../api/api-keys.ts'
import { ApiKeyItem } from './api-key-item.tsx'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { NewApiKeyDialog } from './new-api-key.tsx'
import { Failure, Loading } from './states.tsx'
import styles from './member-item.module.css'

/** All keys of the organisation, for those who administer it: people's to revoke, agents' to make too. */
export function OrganisationKeys () {
  const [making, setMaking] = useState(false)
  const { data, error, refetch } = useQuery(allKeysQuery)
  return (
    <Card title='API keys of members and agents' flush aside={<Button small onClick={() => setMaking(true)}>New agent key</Button>}>
      {data === undefined
        ? error === null ? <Loading what='the API keys' rows={1} /> : <Failure error={error} retry={() => { refetch() }} />
        : data.keys.length === 0
          ? <p className={styles.none}>Nobody has a key.</p>
          : <ul>{data.keys.map(key => <ApiKeyItem key={key.id} apiKey={key} revoke={revokeAnyKey} rotates={key.kind === 'agent'} owned />)}</ul>}
      {making && <NewApiKeyDialog title='Make a key for an agent' make={makeAgentKey} onClose={() => setMaking(false)} />}
    </Card>
  )
}
