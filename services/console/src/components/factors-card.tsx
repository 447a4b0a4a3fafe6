import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { factorsQuery, newRecoveryCodes } from '../api/factors.ts'
import { knowsPasskeys } from '../api/passkeys.ts'
import { sessionQuery, useSession } from '../api/session.ts'
import { ownSessionsQuery } from '../api/sessions.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { FactorItem } from './factor-item.tsx'
import { PasskeyDialog } from './passkey-dialog.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { Failure, Loading, Refusal } from './states.tsx'
import { TotpDialog } from './totp-dialog.tsx'
import styles from './member-item.module.css'

/** What a sign-in asks for beside the password. */
export function FactorsCard () {
  const queries = useQueryClient()
  const session = useSession()
  const [adding, setAdding] = useState<'passkey' | 'totp' | null>(null)
  const [codes, setCodes] = useState<string[]>([])
  const { data, error, refetch } = useQuery(factorsQuery)
  const changed = () => Promise.all([factorsQuery, sessionQuery, ownSessionsQuery].map(({ queryKey }) => queries.invalidateQueries({ queryKey })))
  const renew = useMutation({ gcTime: 0, mutationFn: newRecoveryCodes, onSuccess: ({ recoveryCodes }) => { setCodes(recoveryCodes); changed() } })
  const done = (recoveryCodes: string[]) => {
    setAdding(null)
    setCodes(recoveryCodes)
    changed()
  }
  return (
    <Card title='Second factors' flush aside={<>{knowsPasskeys() && <Button small onClick={() => setAdding('passkey')}>Add a passkey</Button>}<Button small onClick={() => setAdding('totp')}>Add an app</Button></>}>
      {session?.mustEnrol === true && <p className={styles.none} role='alert'>{session.organisation.name} asks for a second factor. Add one to go on.</p>}
      {data === undefined
        ? error === null ? <Loading what='your second factors' rows={1} /> : <Failure error={error} retry={() => { refetch() }} />
        : data.factors.length === 0
          ? <p className={styles.none}>You have none: whoever learns your password is in. A passkey, or an authenticator app on your phone, keeps them out.</p>
          : (
            <>
              <ul>{data.factors.map(factor => <FactorItem key={factor.id} factor={factor} onChanged={changed} />)}</ul>
              <div className={styles.more}>
                <p>{data.recoveryCodes} recovery codes are left. <Button small busy={renew.isPending} onClick={() => renew.mutate()}>Make new ones</Button></p>
                <Refusal error={renew.error} />
              </div>
            </>
            )}
      {adding === 'passkey' && <PasskeyDialog onDone={done} onClose={() => setAdding(null)} />}
      {adding === 'totp' && <TotpDialog onDone={done} onClose={() => setAdding(null)} />}
      {codes.length > 0 && <RecoveryCodes codes={codes} onClose={() => setCodes([])} />}
    </Card>
  )
}
