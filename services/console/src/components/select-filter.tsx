import type { Severity, Status } from '../api/incidents.ts'
import { wordOf } from './badge.tsx'
import styles from './select-filter.module.css'

interface Props { label: string, value: string | null, options: ReadonlyArray<Severity | Status>, onChange: (value: string) => void }

/** The browser's own select: known to every finger, keyboard and screen reader. */
export function SelectFilter ({ label, value, options, onChange }: Props) {
  return (
    <select className={styles.select} aria-label={label} value={value ?? ''} onChange={event => onChange(event.target.value)}>
      <option value=''>Any {label.toLowerCase()}</option>
      {options.map(option => <option key={option} value={option}>{wordOf(option)}</option>)}
    </select>
  )
}
