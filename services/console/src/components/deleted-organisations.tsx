import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ownOrganisationsQuery, restoreOrganisation, type OwnOrganisation } from '../api/organisations.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { Moment } from './moment.tsx'
import { Refusal } from './states.tsx'
import styles from './member-item.module.css'

/** What the person owned and deleted, while it can come back; nothing for everybody else. */
export function DeletedOrganisations () {
  const gone = useQuery(ownOrganisationsQuery).data?.organisations.filter(({ goneAt }) => goneAt !== null) ?? []
  if (gone.length === 0) return null
  return <Card title='Deleted organisations of yours' flush><ul>{gone.map(organisation => <Deleted key={organisation.id} organisation={organisation} />)}</ul></Card>
}

function Deleted ({ organisation }: { organisation: OwnOrganisation }) {
  const queries = useQueryClient()
  const restore = useMutation({
    mutationFn: () => restoreOrganisation(organisation.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ownOrganisationsQuery.queryKey })
  })
  return (
    <li className={styles.item}>
      <div className={styles.about}>
        <h3>{organisation.name}</h3>
        <p className={styles.meta}>Gone for good <Moment at={organisation.goneAt ?? ''} /></p>
      </div>
      <Button small busy={restore.isPending} onClick={() => restore.mutate()} aria-label={`Undo the deletion of ${organisation.name}`}>Undo the deletion</Button>
      <Refusal error={restore.error} />
    </li>
  )
}
