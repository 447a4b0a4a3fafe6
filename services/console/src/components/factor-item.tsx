import { useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { removeFactor, type Factor } from '../api/factors.ts'
import { Button } from './button.tsx'
import { Confirm } from './dialog.tsx'
import { Moment } from './moment.tsx'
import { Refusal } from './states.tsx'
import styles from './member-item.module.css'

export function FactorItem ({ factor, onChanged }: { factor: Factor, onChanged: () => Promise<unknown> }) {
  const [asked, setAsked] = useState(false)
  const remove = useMutation({ mutationFn: () => removeFactor(factor.id), onSuccess: onChanged })
  return (
    <li className={styles.item}>
      <div className={styles.about}>
        <h3>{factor.label}</h3>
        <p className={styles.meta}>{factor.kind === 'totp' ? 'Authenticator app' : 'Passkey'}, added <Moment at={factor.createdAt} />{factor.usedAt !== null && <>, used <Moment at={factor.usedAt} /></>}</p>
      </div>
      <Button small look='danger' onClick={() => { remove.reset(); setAsked(true) }} aria-label={`Remove ${factor.label}`}>Remove</Button>
      {asked && (
        <Confirm title={`Remove ${factor.label}?`} action='Remove' busy={remove.isPending} onConfirm={() => remove.mutate()} onClose={() => setAsked(false)}>
          <p>A sign-in asks for it no more, and your other sessions end.</p>
          <Refusal error={remove.error} />
        </Confirm>
      )}
    </li>
  )
}
