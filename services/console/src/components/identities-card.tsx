import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { identitiesQuery, removeIdentity, type Identity } from '../api/identities.ts'
import { providersQuery } from '../api/providers.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { Moment } from './moment.tsx'
import { ProviderButtons } from './provider-buttons.tsx'
import { Failure, Refusal } from './states.tsx'
import styles from './member-item.module.css'

/** Who vouches for a person besides their password; nothing where no provider is set up and none was. `refusal`: why the last attempt to link one failed. */
export function IdentitiesCard ({ refusal }: { refusal: string | null }) {
  const { data, error, refetch } = useQuery(identitiesQuery)
  const providers = useQuery({ ...providersQuery, retry: false }).data?.providers ?? []
  const linked = data?.identities ?? []
  if (error !== null) return <Failure error={error} retry={() => { refetch() }} />
  if (providers.length + linked.length === 0) return null
  const title = (name: string) => providers.find(provider => provider.name === name)?.title ?? name
  return (
    <Card title='Providers that vouch for you' flush>
      {refusal !== null && <p className={styles.none} role='alert'>{refusal}</p>}
      <ul>{linked.map(identity => <Linked key={identity.id} identity={identity} title={title(identity.provider)} />)}</ul>
      <div className={styles.none}><ProviderButtons purpose='link' returnTo='/account' except={linked.map(({ provider }) => provider)} /></div>
    </Card>
  )
}

function Linked ({ identity, title }: { identity: Identity, title: string }) {
  const queries = useQueryClient()
  const remove = useMutation({ mutationFn: () => removeIdentity(identity.id), onSuccess: () => queries.invalidateQueries({ queryKey: identitiesQuery.queryKey }) })
  return (
    <li className={styles.item}>
      <div className={styles.about}>
        <h3>{title}</h3>
        <p className={styles.meta}>{identity.label}. Linked <Moment at={identity.createdAt} />{identity.usedAt !== null && <>, used <Moment at={identity.usedAt} /></>}</p>
      </div>
      <Button small look='danger' busy={remove.isPending} onClick={() => remove.mutate()} aria-label={`Unlink ${title}`}>Unlink</Button>
      <Refusal error={remove.error} />
    </li>
  )
}
