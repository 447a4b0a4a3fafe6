import { useInfiniteQuery } from '@tanstack/react-query'
import { membersQuery } from '../api/members.ts'
import { roles, useMay, type Session } from '../api/session.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { MemberItem } from './member-item.tsx'
import { Failure, Loading } from './states.tsx'
import styles from './member-item.module.css'

export function MemberList ({ session }: { session: Session }) {
  const may = useMay('member:write')
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(membersQuery)
  const members = data?.pages.flatMap(page => page.members).toSorted((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role) || a.name.localeCompare(b.name))
  return (
    <Card title='People' flush>
      {members === undefined
        ? error === null ? <Loading what='the people' rows={3} /> : <Failure error={error} retry={() => { refetch() }} />
        : <ul>{members.map(member => <MemberItem key={member.id} member={member} session={session} may={may} />)}</ul>}
      {hasNextPage && <p className={styles.more}><Button small busy={isFetchingNextPage} onClick={() => { fetchNextPage() }}>Show more people</Button></p>}
    </Card>
  )
}
