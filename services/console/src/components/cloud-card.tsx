import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { connectCloud, disconnectCloud, type Cloud } from '../api/clouds.ts'
import { connectionsQuery, type Connection } from '../api/connections.ts'
import { useMay } from '../api/session.ts'
import { Button } from './button.tsx'
import { ConnectionState } from './connection-card.tsx'
import { Actions, Confirm, Dialog } from './dialog.tsx'
import { Refusal } from './states.tsx'
import styles from './connection-card.module.css'

/** A cloud that is connected by going there: what it is asked for is said before. */
export function CloudCard ({ cloud, connection }: { cloud: Cloud, connection: Connection | undefined }) {
  const may = useMay('connection:write')
  const queries = useQueryClient()
  const [open, setOpen] = useState<'connect' | 'disconnect' | null>(null)
  const close = () => setOpen(null)
  const disconnect = useMutation({
    mutationFn: () => disconnectCloud(cloud.name),
    onSuccess: async () => { await queries.invalidateQueries({ queryKey: connectionsQuery.queryKey }); close() }
  })
  return (
    <li className={styles.card}>
      <div>
        <h2>{cloud.title} account</h2>
        <p className={styles.about}>You allow it at {cloud.title}; no key is copied.</p>
      </div>
      <div>
        <ConnectionState connection={connection} />
        {disconnect.data?.revoked === false && <p role='alert' className={styles.about}>It is gone from the vault, but {cloud.title} did not say that it has ended there. Remove Aurora in your {cloud.title} account.</p>}
      </div>
      {may && (
        <div className={styles.actions}>
          {connection === undefined
            ? <Button small look='primary' onClick={() => setOpen('connect')} aria-label={`Connect your ${cloud.title} account`}>Connect</Button>
            : <Button small look='danger' onClick={() => { disconnect.reset(); setOpen('disconnect') }} aria-label={`Disconnect your ${cloud.title} account`}>Disconnect</Button>}
        </div>
      )}
      {open === 'connect' && <ConsentDialog cloud={cloud} onClose={close} />}
      {open === 'disconnect' && (
        <Confirm title={`Disconnect ${cloud.title}?`} action='Disconnect' busy={disconnect.isPending} onConfirm={() => disconnect.mutate()} onClose={close}>
          <p>The tokens are destroyed in the vault and revoked at {cloud.title}. Whatever uses them stops working at once.</p>
          <Refusal error={disconnect.error} />
        </Confirm>
      )}
    </li>
  )
}

function ConsentDialog ({ cloud, onClose }: { cloud: Cloud, onClose: () => void }) {
  const connect = useMutation({ mutationFn: () => connectCloud(cloud.name) })
  return (
    <Dialog title={`Connect ${cloud.title}`} onClose={onClose}>
      <p>{cloud.title} will ask you to allow Aurora to:</p>
      <ul className={styles.rights}>{cloud.scopes.map(({ scope, words }) => <li key={scope}>{words}<code>{scope}</code></li>)}</ul>
      <p>What it gives goes into the vault and is used in your name only. You can disconnect it here at any time.</p>
      <Refusal error={connect.error} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look='primary' data-first busy={connect.isPending || connect.isSuccess} onClick={() => connect.mutate()}>Go to {cloud.title}</Button>
      </Actions>
    </Dialog>
  )
}
