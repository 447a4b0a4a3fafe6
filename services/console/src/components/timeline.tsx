import { BellRing, CircleCheck, CircleDot, Eye, Merge, Plus, type LucideIcon } from 'lucide-react'
import type { TimelineEntry } from '../api/incidents.ts'
import { Moment } from './moment.tsx'
import styles from './timeline.module.css'

const icons: Array<[string, LucideIcon]> = [
  ['acknowledge', Eye], ['resolve', CircleCheck], ['merge', Merge], ['alert', BellRing], ['trigger', BellRing], ['open', Plus], ['create', Plus]
]

const iconOf = (kind: string): LucideIcon => icons.find(([part]) => kind.includes(part))?.[1] ?? CircleDot

/** Newest last, as it happened. */
export function Timeline ({ entries }: { entries: TimelineEntry[] }) {
  if (entries.length === 0) return <p className={styles.none}>Nothing has happened yet.</p>
  return (
    <ol className={styles.timeline}>
      {entries.map(entry => {
        const Icon = iconOf(entry.kind)
        return (
          <li key={entry.id}>
            <span className={styles.dot}><Icon size={14} aria-hidden='true' /></span>
            <p>{entry.text}</p>
            <p className={styles.meta}>{entry.actor.name} · <Moment at={entry.at} /></p>
          </li>
        )
      })}
    </ol>
  )
}
