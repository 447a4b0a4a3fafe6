import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { deleteIntegration, integrationsQuery, type Integration } from '../api/integrations.ts'
import { kindOf } from '../integration-kinds.ts'
import { testAlert } from '../test-alert.ts'
import { Button } from './button.tsx'
import { Snippet } from './copy.tsx'
import { Actions, Confirm, Dialog } from './dialog.tsx'
import { Moment } from './moment.tsx'
import { SigningSecretForm } from './signing-secret-form.tsx'
import { Refusal } from './states.tsx'
import styles from './integration-item.module.css'

export function IntegrationItem ({ integration, may }: { integration: Integration, may: boolean }) {
  const queries = useQueryClient()
  const [open, setOpen] = useState<'test' | 'secret' | 'delete' | null>(null)
  const close = () => setOpen(null)
  const known = kindOf(integration.kind)
  const remove = useMutation({
    mutationFn: () => deleteIntegration(integration.id),
    onSuccess: async () => { await queries.invalidateQueries({ queryKey: integrationsQuery.queryKey }); close() }
  })
  return (
    <li className={styles.item}>
      <div className={styles.about}>
        <h2>{integration.name}</h2>
        <p className={styles.meta}>
          {known?.title ?? integration.kind}
          {integration.lastDeliveryAt !== null ? <> · last alert <Moment at={integration.lastDeliveryAt} /></> : <> · waiting for its first alert</>}
        </p>
      </div>
      <div className={styles.actions}>
        <Button small onClick={() => setOpen('test')} aria-label={`Address and test of ${integration.name}`}>Address and test</Button>
        {may && known?.ownSecret === true && <Button small onClick={() => setOpen('secret')} aria-label={`Signing secret of ${integration.name}`}>Signing secret</Button>}
        {may && <Button small look='danger' onClick={() => { remove.reset(); setOpen('delete') }} aria-label={`Delete ${integration.name}`}>Delete</Button>}
      </div>
      {open === 'test' && (
        <Dialog title={integration.name} onClose={close}>
          <Snippet label='Hook address' text={integration.hookUrl} />
          <p>A test alert, sent from a shell as {known?.title ?? 'the tool'} would send it. {known?.ownSecret !== true && 'Lost the secret? Create a new integration and delete this one.'}</p>
          <Snippet label='Test alert' text={`read -rs SECRET   # paste the secret, then Enter\n${testAlert(integration.kind, integration.hookUrl, integration.authentication)}`} />
          <Actions><Button onClick={close}>Close</Button></Actions>
        </Dialog>
      )}
      {open === 'secret' && (
        <Dialog title={`Signing secret of ${integration.name}`} onClose={close}>
          <SigningSecretForm integration={integration} tool={known?.title ?? 'the tool'} onDone={close} onLater={close} />
        </Dialog>
      )}
      {open === 'delete' && (
        <Confirm title={`Delete ${integration.name}?`} action='Delete' busy={remove.isPending} onConfirm={() => remove.mutate()} onClose={close}>
          <p>Its address stops taking alerts at once. Incidents that came from it stay.</p>
          <Refusal error={remove.error} />
        </Confirm>
      )}
    </li>
  )
}
