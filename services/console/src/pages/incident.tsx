import { useQuery } from '@tanstack/react-query'
import { ArrowLeft, MessagesSquare } from 'lucide-react'
import { Link, useParams } from 'wouter'
import { incidentQuery, timelineQuery, type IncidentDetail } from '../api/incidents.ts'
import { isProblem } from '../api/problem.ts'
import { AlertList } from '../components/alert-list.tsx'
import { SeverityBadge, StatusBadge } from '../components/badge.tsx'
import { ButtonLink } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { IncidentSteps } from '../components/incident-steps.tsx'
import { alerts } from '../components/incident-row.tsx'
import { Moment } from '../components/moment.tsx'
import { Page } from '../components/page.tsx'
import { Failure, Loading } from '../components/states.tsx'
import { Timeline } from '../components/timeline.tsx'
import { sourceName } from '../sources.ts'
import { NotFound } from './not-found.tsx'
import styles from './incident.module.css'

export function IncidentPage () {
  const { number = '' } = useParams()
  const { data, error, refetch } = useQuery(incidentQuery(number))
  if (data !== undefined) return <Known incident={data} />
  if (isProblem(error) && (error.status === 404 || error.status === 400)) return <NotFound />
  return <Page title={`Incident ${number}`}>{error === null ? <Loading what='the incident' /> : <Failure error={error} retry={() => { refetch() }} />}</Page>
}

function Known ({ incident }: { incident: IncidentDetail }) {
  const timeline = useQuery(timelineQuery(incident.number))
  return (
    <Page
      wide
      title={`#${incident.number} ${incident.title}`}
      heading={
        <>
          <Link href='/' className={styles.back}><ArrowLeft size={16} aria-hidden='true' />Incidents</Link>
          <h1>{incident.title}</h1>
          <p className={styles.facts}>
            <SeverityBadge severity={incident.severity} /><StatusBadge status={incident.status} />
            <span>#{incident.number}</span><span>{sourceName(incident.source)}</span><span>{alerts(incident.alertCount)}</span>
            <span>began <Moment at={incident.createdAt} /></span>{incident.acknowledgedBy !== null && <span>taken by {incident.acknowledgedBy}</span>}
          </p>
        </>
      }
      aside={
        <>
          <IncidentSteps incident={incident} />
          <ButtonLink to={`/chat?say=${encodeURIComponent(`/incident ${incident.number}`)}`}><MessagesSquare size={16} aria-hidden='true' />Ask in chat</ButtonLink>
        </>
      }
    >
      <div className={styles.columns}>
        <Card title='Timeline'>
          {timeline.data !== undefined
            ? <Timeline entries={timeline.data.entries} />
            : timeline.isError ? <Failure error={timeline.error} retry={() => { timeline.refetch() }} /> : <Loading what='the timeline' rows={3} />}
        </Card>
        <Card title='Alerts' aside={<span className={styles.count}>{incident.alertCount}</span>} flush><AlertList alerts={incident.alerts} /></Card>
      </div>
    </Page>
  )
}
