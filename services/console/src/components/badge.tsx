import {
  Ban, BellRing, CheckCheck, ChevronDown, CircleCheck, CircleDot, Eye, GitMerge, Info, OctagonAlert, ShieldCheck, TriangleAlert, type LucideIcon
} from 'lucide-react'
import type { Severity, Status } from '../api/incidents.ts'
import styles from './badge.module.css'

/** Shape, word and colour say the same: any one of them is enough. */
const severities: Record<Severity, { icon: LucideIcon, word: string }> = {
  critical: { icon: OctagonAlert, word: 'Critical' },
  high: { icon: TriangleAlert, word: 'High' },
  medium: { icon: CircleDot, word: 'Medium' },
  low: { icon: ChevronDown, word: 'Low' },
  info: { icon: Info, word: 'Info' }
}

const statuses: Record<Status, { icon: LucideIcon, word: string, tone: string }> = {
  triggered: { icon: BellRing, word: 'Triggered', tone: 'critical' },
  acknowledged: { icon: Eye, word: 'Acknowledged', tone: 'medium' },
  mitigated: { icon: ShieldCheck, word: 'Mitigated', tone: 'low' },
  resolved: { icon: CircleCheck, word: 'Resolved', tone: 'good' },
  closed: { icon: CheckCheck, word: 'Closed', tone: 'quiet' },
  merged: { icon: GitMerge, word: 'Merged', tone: 'quiet' },
  cancelled: { icon: Ban, word: 'Cancelled', tone: 'quiet' }
}

export function SeverityBadge ({ severity }: { severity: Severity }) {
  const { icon: Icon, word } = severities[severity] ?? severities.info
  return (
    <span className={`${styles.badge} ${styles[severity] ?? styles.info}`}>
      <Icon size={14} aria-hidden='true' /><span className='visually-hidden'>Severity </span>{word}
    </span>
  )
}

export function StatusBadge ({ status }: { status: Status }) {
  const { icon: Icon, word, tone } = statuses[status] ?? { icon: CircleDot, word: status, tone: 'quiet' }
  return (
    <span className={`${styles.status} ${styles[`tone-${tone}`]}`}>
      <Icon size={14} aria-hidden='true' /><span className='visually-hidden'>Status </span>{word}
    </span>
  )
}

export const wordOf = (value: Severity | Status): string =>
  (value in severities ? severities[value as Severity] : statuses[value as Status])?.word ?? value
