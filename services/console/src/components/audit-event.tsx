import { Ban, ChevronRight, CircleX } from 'lucide-react'
import type { AuditEvent, FilterName, Outcome } from '../api/audit.ts'
import { Button } from './button.tsx'
import { Copy } from './copy.tsx'
import { Moment } from './moment.tsx'
import styles from './audit-event.module.css'

const words: Record<Outcome, string> = { success: 'Success', refused: 'Refused', failure: 'Failure' }

export const outcomeWord = (outcome: Outcome): string => words[outcome] ?? outcome

const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

/** One row of the log; everything that it knows, when it is opened. */
export function AuditEventRow ({ event, narrow }: { event: AuditEvent, narrow: (name: FilterName, value: string) => void }) {
  const { action, target, at, service, person, outcome, detail, requestId } = event
  const who = actorOf(event)
  return (
    <li className={styles.item}>
      <details>
        <summary className={styles.row}>
          <ChevronRight size={16} aria-hidden='true' className={styles.chevron} />
          <span className={styles.what}><span className={styles.action}>{action}</span>{target !== '' && <span className={styles.target}>{target}</span>}</span>
          <span className={styles.who}>{who}</span>
          <span className={styles.outcome}><OutcomeBadge outcome={outcome} /></span>
          <span className={styles.time}><Moment at={at} /></span>
        </summary>
        <dl className={styles.facts}>
          <Fact name='Time'><time dateTime={at}>{exact.format(new Date(at))}</time><span className={styles.soft}>{at}</span></Fact>
          <Fact name='Action' only={() => narrow('action', action)}><code>{action}</code></Fact>
          <Fact name='Person' only={person === null ? undefined : () => narrow('person', person.id)}>{person === null ? 'Nobody: a service by itself' : who}</Fact>
          <Fact name='Service' only={() => narrow('service', service)}>{service}</Fact>
          {target !== '' && <Fact name='Target' only={() => narrow('target', target)}><code>{target}</code></Fact>}
          <Fact name='Outcome'>{outcomeWord(outcome)}</Fact>
          {Object.entries(detail).filter(([, value]) => value !== null).map(([name, value]) => <Fact key={name} name={name} raw><code>{textOf(value)}</code></Fact>)}
          {requestId !== '' && <Fact name='Request'><code>{requestId}</code><Copy text={requestId} label='Copy the request id' bare /></Fact>}
        </dl>
      </details>
    </li>
  )
}

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  return Array.isArray(value) && value.every(each => typeof each === 'string') ? value.join(', ') : JSON.stringify(value)
}

function actorOf ({ person, service }: AuditEvent): string {
  if (person === null) return service
  return person.name === '' ? 'Somebody who left' : person.name
}

function Fact ({ name, raw = false, only, children }: { name: string, raw?: boolean, only?: (() => void) | undefined, children: React.ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt className={raw ? styles.raw : undefined}>{name}</dt>
      <dd>{children}{only !== undefined && <Button small look='quiet' onClick={only} aria-label={`Only this: ${name.toLowerCase()}`}>Only this</Button>}</dd>
    </div>
  )
}

/** What succeeded needs no badge: it is what one does not look for. */
function OutcomeBadge ({ outcome }: { outcome: Outcome }) {
  if (outcome === 'success') return <span className='visually-hidden'>Success</span>
  const Icon = outcome === 'refused' ? Ban : CircleX
  return <span className={`${styles.badge} ${outcome === 'refused' ? styles.refused : styles.failure}`}><Icon size={14} aria-hidden='true' />{outcomeWord(outcome)}</span>
}
