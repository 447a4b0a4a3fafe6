import type { NewIntegration } from '../api/integrations.ts'
import { kindOf } from '../integration-kinds.ts'
import { testAlert } from '../test-alert.ts'
import { Button } from './button.tsx'
import { Snippet } from './copy.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { SigningSecretForm } from './signing-secret-form.tsx'
import styles from './integration-secret.module.css'

interface Props { integration: NewIntegration, onClose: () => void }

/** The one time that the secret is on a screen: Escape does not take it away, a button does. */
export function IntegrationSecret ({ integration, onClose }: Props) {
  const { kind, name, hookUrl, secret } = integration
  const known = kindOf(kind)
  const scheme = integration.authentication
  const setUp = known?.setUp(hookUrl, secret, scheme)
  return (
    <Dialog title={`Set up ${name}`} onClose={onClose} firm>
      {known?.ownSecret !== true && <p>The secret is shown this once. Aurora keeps it in its vault and cannot show it again.</p>}
      <Snippet label='Hook address' text={hookUrl} />
      {known?.ownSecret !== true && <Snippet label='Secret, shown once' text={secret} secret />}
      {setUp !== undefined && (
        <div className={styles.steps}>
          <h3>In {known?.title}</h3>
          <ol>{setUp.steps.map(step => <li key={step}>{step}</li>)}</ol>
          {setUp.snippet !== undefined && <Snippet {...setUp.snippet} />}
        </div>
      )}
      {known?.ownSecret === true && <SigningSecretForm integration={integration} tool={known.title} onDone={onClose} onLater={onClose} />}
      {known?.ownSecret !== true && (
        <>
          <details className={styles.test}>
            <summary>Send a test alert from a shell</summary>
            <Snippet label='Test alert' text={`read -rs SECRET   # paste the secret, then Enter\n${testAlert(kind, hookUrl, scheme)}`} />
          </details>
          <Actions><Button look='primary' onClick={onClose}>I have stored the secret</Button></Actions>
        </>
      )}
    </Dialog>
  )
}
