import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { makeKey, ownKeysQuery, revokeOwnKey } from '../api/api-keys.ts'
import { ApiKeyItem } from './api-key-item.tsx'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { NewApiKeyDialog } from './new-api-key.tsx'
import { Failure, Loading } from './states.tsx'
import styles from './member-item.module.css'

/** A person's keys for programs, in the organisation they work in. */
export function ApiKeysCard () {
  const [making, setMaking] = useState(false)
  const { data, error, refetch } = useQuery(ownKeysQuery)
  return (
    <Card title='API keys' flush aside={data !== undefined && <Button small onClick={() => setMaking(true)}>New key</Button>}>
      {data === undefined
        ? error === null ? <Loading what='your API keys' rows={1} /> : <Failure error={error} retry={() => { refetch() }} />
        : data.keys.length === 0
          ? <p className={styles.none}>A key lets a program do some of what you may, here and for a while.</p>
          : <ul>{data.keys.map(key => <ApiKeyItem key={key.id} apiKey={key} revoke={revokeOwnKey} rotates />)}</ul>}
      {making && data !== undefined && <NewApiKeyDialog title='Make an API key' scopes={data.scopes} make={makeKey} onClose={() => setMaking(false)} />}
    </Card>
  )
}
