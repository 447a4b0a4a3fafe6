import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Download, Funnel, Lock, ScrollText, ShieldCheck } from 'lucide-react'
import { useSearchParams } from 'wouter'
import { auditQuery, exportAudit, filterNames, verifyAudit, type AuditFilter, type FilterName } from '../api/audit.ts'
import { useMay } from '../api/session.ts'
import { AuditEventRow } from '../components/audit-event.tsx'
import { AuditFilters } from '../components/audit-filters.tsx'
import { AuditVerdict } from '../components/audit-verdict.tsx'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { Page } from '../components/page.tsx'
import { Empty, Failure, Loading, Refusal } from '../components/states.tsx'
import { save } from '../save.ts'
import styles from './audit.module.css'

/** What happened in the organisation, and the proof that nobody changed it. */
export function Audit () {
  const may = useMay('audit:read')
  if (may) return <Log />
  return <Page title='Audit log'><Empty icon={Lock} title='For admins and owners'><p>An admin or owner of your organisation can read the audit log.</p></Empty></Page>
}

function Log () {
  const { filter, set, clear } = useFilter()
  const mayExport = useMay('audit:export')
  const list = useInfiniteQuery(auditQuery(filter))
  const verification = useMutation({ mutationFn: verifyAudit })
  const take = useMutation({
    gcTime: 0,
    mutationFn: exportAudit,
    onSuccess: (file, { format }) => save(file, `aurora-audit-${new Date().toISOString().slice(0, 10)}.${format === 'csv' ? 'csv' : 'ndjson'}`)
  })
  const events = list.data?.pages.flatMap(page => page.events)
  const personName = events?.find(event => event.person?.id === filter.person)?.person?.name ?? ''
  return (
    <Page
      title='Audit log' wide
      aside={
        <>
          <Button busy={verification.isPending} onClick={() => verification.mutate()}><ShieldCheck size={16} aria-hidden='true' />Verify</Button>
          {mayExport && (
            <div className={styles.exports}>
              {(['csv', 'json'] as const).map(format => (
                <Button key={format} busy={take.isPending && take.variables.format === format} onClick={() => take.mutate({ format, filter })}><Download size={16} aria-hidden='true' />Export {format.toUpperCase()}</Button>
              ))}
            </div>
          )}
        </>
      }
    >
      <Refusal error={verification.error ?? take.error} />
      {verification.data !== undefined && <AuditVerdict verdict={verification.data} />}
      <AuditFilters filter={filter} set={set} clear={clear} personName={personName} />
      {list.isError && events !== undefined && <p role='status' className={styles.stale}>This list may be old: {list.error.message}.</p>}
      {events === undefined && (list.isError ? <Failure error={list.error} retry={() => { list.refetch() }} /> : <Loading what='the audit log' rows={8} />)}
      {events?.length === 0 && (Object.keys(filter).length > 0
        ? <Empty icon={Funnel} title='No event matches'><Button onClick={clear}>Show all</Button></Empty>
        : <Empty icon={ScrollText} title='Nothing has happened yet' />)}
      {events !== undefined && events.length > 0 && (
        <Card flush><ul>{events.map(event => <AuditEventRow key={event.id} event={event} narrow={set} />)}</ul></Card>
      )}
      {list.hasNextPage && <div><Button busy={list.isFetchingNextPage} onClick={() => { list.fetchNextPage() }}>Show older events</Button></div>}
    </Page>
  )
}

/** The filter lives in the address, so that Back and a shared link keep it. */
function useFilter () {
  const [search, setSearch] = useSearchParams()
  const filter = Object.fromEntries(filterNames.flatMap(name => {
    const value = search.get(name)
    return value === null || value === '' ? [] : [[name, value]]
  })) as AuditFilter
  const set = (name: FilterName, value: string) => setSearch(previous => {
    const next = new URLSearchParams(previous)
    if (value === '') next.delete(name)
    else next.set(name, value)
    return next
  }, { replace: true })
  return { filter, set, clear: () => setSearch({}, { replace: true }) }
}
