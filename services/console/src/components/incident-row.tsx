import { Link } from 'wouter'
import type { Incident } from '../api/incidents.ts'
import { sourceName } from '../sources.ts'
import { SeverityBadge, StatusBadge } from './badge.tsx'
import { Moment } from './moment.tsx'
import styles from './incident-row.module.css'

export function IncidentRow ({ incident }: { incident: Incident }) {
  const over = !['triggered', 'acknowledged', 'mitigated'].includes(incident.status)
  return (
    <li className={styles.item}>
      <Link href={`/incidents/${incident.number}`} className={`${styles.row} ${over ? styles.over : ''}`}>
        <span className={styles.severity}><SeverityBadge severity={incident.severity} /></span>
        <span className={styles.title}>{incident.title}</span>
        <span className={styles.meta}>
          #{incident.number} · {sourceName(incident.source)} · {alerts(incident.alertCount)}
        </span>
        <span className={styles.status}><StatusBadge status={incident.status} /></span>
        <span className={styles.time}><Moment at={incident.updatedAt} /></span>
      </Link>
    </li>
  )
}

export const alerts = (count: number) => count === 1 ? '1 alert' : `${count} alerts`
