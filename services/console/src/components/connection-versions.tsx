import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { connectionsQuery, deleteVersion, destroyVersion, restoreVersion, versionsQuery, type Version } from '../api/connections.ts'
import type { Provider } from '../providers.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Moment } from './moment.tsx'
import { Failure, Loading, Refusal } from './states.tsx'
import styles from './connection-versions.module.css'

const inWords: Record<Version['state'], string> = { current: 'in use', kept: 'kept', deleted: 'deleted, can be restored', destroyed: 'destroyed' }

/** What the vault keeps of earlier values. They are not shown here either. */
export function ConnectionVersions ({ provider, current, onClose }: { provider: Provider, current: number, onClose: () => void }) {
  const { data, error, refetch } = useQuery(versionsQuery(provider.name))
  const queries = useQueryClient()
  // the one whose button was pressed once
  const [sure, setSure] = useState(0)
  const { mutate, error: refusal, isPending } = useMutation({
    mutationFn: async (change: () => Promise<unknown>) => { await change() },
    // the versions are below the connections
    onSettled: () => queries.invalidateQueries({ queryKey: connectionsQuery.queryKey })
  })
  return (
    <Dialog title={`Versions of ${provider.title}`} onClose={onClose}>
      <p>The vault keeps the last ten. Restoring one stores it again as the newest; destroying one cannot be taken back.</p>
      {data === undefined
        ? error === null ? <Loading what='versions' rows={2} /> : <Failure error={error} retry={() => { refetch() }} />
        : (
          <ul className={styles.list}>
            {data.versions.map(({ version, createdAt, state }) => (
              <li key={version} className={styles.version}>
                <div>
                  <strong>Version {version}</strong>
                  <p className={styles.about}>{inWords[state]}, stored <Moment at={createdAt} /></p>
                </div>
                {(state === 'kept' || state === 'deleted') && (
                  <div className={styles.actions}>
                    <Button small busy={isPending} onClick={() => mutate(() => restoreVersion(provider.name, version, current))} aria-label={`Restore version ${version}`}>Restore</Button>
                    {state === 'kept' && <Button small busy={isPending} onClick={() => mutate(() => deleteVersion(provider.name, version))} aria-label={`Delete version ${version}`}>Delete</Button>}
                    {sure === version
                      ? <Button small look='destroy' busy={isPending} onClick={() => mutate(() => destroyVersion(provider.name, version))} aria-label={`Destroy version ${version} for good`}>Destroy for good</Button>
                      : <Button small look='danger' busy={isPending} onClick={() => setSure(version)} aria-label={`Destroy version ${version}`}>Destroy</Button>}
                  </div>
                )}
              </li>
            ))}
          </ul>
          )}
      <Refusal error={refusal} />
    </Dialog>
  )
}
