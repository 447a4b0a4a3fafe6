import type { ReactNode } from 'react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { leaveFor, providersQuery } from '../api/providers.ts'
import { Button } from './button.tsx'
import { Refusal } from './states.tsx'
import styles from './provider-buttons.module.css'

interface Props { purpose: 'login' | 'link', returnTo: string, except?: string[], children?: ReactNode }

/** A button for each provider that vouches for people here, after other ways in; nothing where there is neither. */
export function ProviderButtons ({ purpose, returnTo, except = [], children }: Props) {
  const providers = (useQuery({ ...providersQuery, retry: false }).data?.providers ?? []).filter(({ name }) => !except.includes(name))
  const leave = useMutation({ mutationFn: leaveFor, meta: { entry: true } })
  if (providers.length === 0 && children === undefined) return null
  return (
    <div className={styles.providers}>
      {purpose === 'login' && <p className={styles.or}>or</p>}
      {children}
      {providers.map(({ name, title }) => (
        <Button key={name} busy={leave.isPending && leave.variables.provider === name} onClick={() => leave.mutate({ provider: name, purpose, returnTo })}>
          {purpose === 'login' ? `Continue with ${title}` : `Link ${title}`}
        </Button>
      ))}
      <Refusal error={leave.error} />
    </div>
  )
}
