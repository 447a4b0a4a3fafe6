import { BellRing, CircleCheck, ExternalLink } from 'lucide-react'
import type { Alert } from '../api/incidents.ts'
import { Moment } from './moment.tsx'
import styles from './alert-list.module.css'

export function AlertList ({ alerts }: { alerts: Alert[] }) {
  if (alerts.length === 0) return <p className={styles.none}>No alert belongs to it.</p>
  return <ul>{alerts.map(alert => <AlertItem key={alert.id} alert={alert} />)}</ul>
}

function AlertItem ({ alert }: { alert: Alert }) {
  const resolved = alert.status === 'resolved'
  const Icon = resolved ? CircleCheck : BellRing
  const since = resolved ? alert.endsAt ?? alert.startsAt : alert.startsAt
  const url = httpsUrl(alert.url)
  const labels = Object.entries(alert.labels)
  return (
    <li className={styles.alert}>
      <p className={styles.title}>{alert.title}</p>
      <p className={`${styles.state} ${resolved ? styles.resolved : styles.firing}`}>
        <Icon size={14} aria-hidden='true' />{resolved ? 'Resolved' : 'Firing'}
        <span>since <Moment at={since} /></span>
      </p>
      {labels.length > 0 && <ul className={styles.labels} aria-label='Labels'>{labels.map(([name, value]) => <li key={name}><b>{name}</b> {value}</li>)}</ul>}
      {url !== null && <a href={url.href} target='_blank' rel='noopener noreferrer'>Open at {url.host}<ExternalLink size={13} aria-hidden='true' /></a>}
    </li>
  )
}

/** The sender wrote this address: a link only where it is a web address, and with its host in sight. */
function httpsUrl (text: string | null): URL | null {
  const url = text === null ? null : URL.parse(text)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url : null
}
