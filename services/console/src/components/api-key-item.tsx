import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ownKeysQuery, rotateKey, type ApiKey } from '../api/api-keys.ts'
import { ApiKeyShown } from './api-key-shown.tsx'
import { Button } from './button.tsx'
import { Confirm } from './dialog.tsx'
import { Moment } from './moment.tsx'
import { Refusal } from './states.tsx'
import styles from './member-item.module.css'

/** Hours that a replaced key goes on: enough to put the new one in place on the same day. */
const overlap = 24

interface Props { apiKey: ApiKey, revoke: (id: string) => Promise<void>, rotates: boolean, owned?: boolean }

export function ApiKeyItem ({ apiKey, revoke, rotates, owned = false }: Props) {
  const queries = useQueryClient()
  const [revoking, setRevoking] = useState(false)
  const onSuccess = () => queries.invalidateQueries({ queryKey: ownKeysQuery.queryKey })
  // the answer holds the key: it goes with its dialog
  const rotation = useMutation({ gcTime: 0, mutationFn: () => rotateKey(apiKey, overlap), onSuccess })
  const revocation = useMutation({ mutationFn: () => revoke(apiKey.id), onSuccess })
  const { name, prefix, scopes, networks, owner, lastUsedAt, expiresAt, replaced, needsFactor } = apiKey
  return (
    <li className={styles.item}>
      <div className={styles.about}>
        <h3>{name}{owned && <span className={styles.self}> ({owner ?? 'agent'})</span>}</h3>
        <p className={styles.meta}>
          <code>{prefix}…</code> {scopes.join(', ')}{networks.length > 0 && `, from ${networks.join(', ')}`}
        </p>
        <p className={styles.meta}>
          {lastUsedAt === null ? 'Never used' : <>Used <Moment at={lastUsedAt} /></>}, {replaced ? <span className={styles.late}>replaced, works until <Moment at={expiresAt} /></span> : <>ends <Moment at={expiresAt} /></>}
        </p>
        {needsFactor && <p className={styles.late}>Opens nothing: it was made without a second factor, which this organisation asks for. Replace it.</p>}
      </div>
      <div className={styles.actions}>
        {rotates && !replaced && <Button small busy={rotation.isPending} onClick={() => rotation.mutate()} aria-label={`Replace ${name}`}>Replace</Button>}
        <Button small look='danger' onClick={() => setRevoking(true)} aria-label={`Revoke ${name}`}>Revoke</Button>
      </div>
      <Refusal error={rotation.error ?? revocation.error} />
      {rotation.data !== undefined && <ApiKeyShown made={rotation.data} onClose={() => rotation.reset()}>The old key works for another {overlap} hours beside it.</ApiKeyShown>}
      {revoking && (
        <Confirm title={`Revoke ${name}?`} action='Revoke the key' busy={revocation.isPending} onConfirm={() => revocation.mutate(undefined, { onSettled: () => setRevoking(false) })} onClose={() => setRevoking(false)}>
          <p>Whatever uses it is refused within a second. This cannot be undone.</p>
        </Confirm>
      )}
    </li>
  )
}
