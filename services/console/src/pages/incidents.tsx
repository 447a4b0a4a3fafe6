import { useInfiniteQuery } from '@tanstack/react-query'
import { Funnel } from 'lucide-react'
import { useSearchParams } from 'wouter'
import { incidentsQuery, severities, statuses, type Filter } from '../api/incidents.ts'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { FirstAlert } from '../components/first-alert.tsx'
import { IncidentRow } from '../components/incident-row.tsx'
import { Page } from '../components/page.tsx'
import { SelectFilter } from '../components/select-filter.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { LiveIndicator } from '../live/indicator.tsx'
import styles from './incidents.module.css'

/** The filter lives in the address, so that Back and a shared link keep it. */
function useFilter () {
  const [search, setSearch] = useSearchParams()
  const filter: Filter = {
    status: statuses.find(each => each === search.get('status')) ?? null,
    severity: severities.find(each => each === search.get('severity')) ?? null
  }
  const set = (name: keyof Filter, value: string) => setSearch(previous => {
    const next = new URLSearchParams(previous)
    if (value === '') next.delete(name)
    else next.set(name, value)
    return next
  }, { replace: true })
  const clear = () => setSearch({}, { replace: true })
  return { filter, set, clear, filtered: filter.status !== null || filter.severity !== null }
}

export function Incidents () {
  const { filter, set, clear, filtered } = useFilter()
  const list = useInfiniteQuery(incidentsQuery(filter))
  const rows = list.data?.pages.flatMap(page => page.incidents)
  return (
    <Page
      title='Incidents'
      heading={<div className={styles.heading}><h1>Incidents</h1><LiveIndicator /></div>}
      aside={
        <>
          <SelectFilter label='Status' value={filter.status} options={['triggered', 'acknowledged', 'resolved']} onChange={value => set('status', value)} />
          <SelectFilter label='Severity' value={filter.severity} options={severities} onChange={value => set('severity', value)} />
        </>
      }
    >
      {list.isError && rows !== undefined && <p role='status' className={styles.stale}>This list may be old: {list.error.message}.</p>}
      {rows === undefined && (list.isError ? <Failure error={list.error} retry={() => { list.refetch() }} /> : <Loading what='incidents' rows={6} />)}
      {rows?.length === 0 && (filtered
        ? <Empty icon={Funnel} title='No incident matches'><Button onClick={clear}>Show all</Button></Empty>
        : <FirstAlert />)}
      {rows !== undefined && rows.length > 0 && (
        <Card flush><ul>{rows.map(incident => <IncidentRow key={incident.id} incident={incident} />)}</ul></Card>
      )}
      {list.hasNextPage && <div><Button busy={list.isFetchingNextPage} onClick={() => { list.fetchNextPage() }}>Show older incidents</Button></div>}
    </Page>
  )
}
