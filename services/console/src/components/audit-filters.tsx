import { useEffect, useState } from 'react'
import { Funnel, X } from 'lucide-react'
import { auditServices, outcomes, type AuditFilter, type FilterName } from '../api/audit.ts'
import { outcomeWord } from './audit-event.tsx'
import { Button } from './button.tsx'
import { Field } from './field.tsx'
import styles from './audit-filters.module.css'

interface Props {
  filter: AuditFilter
  set: (name: FilterName, value: string) => void
  clear: () => void
  /** The name of the person that the list is narrowed to, where a row knows it. */
  personName: string
}

/** Beginnings that are worth a suggestion; any other can be typed. */
const beginnings = ['audit.', 'auth.login.', 'auth.session.', 'chat.', 'connection.', 'credential.read', 'incident.', 'integration.', 'integration-secret.']

export function AuditFilters ({ filter, set, clear, personName }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <div className={styles.toggle}><Button aria-expanded={open} aria-controls='audit-filters' onClick={() => setOpen(!open)}><Funnel size={16} aria-hidden='true' />{open ? 'Hide filters' : 'Filters'}</Button></div>
      <section id='audit-filters' className={`${styles.filters} ${open ? '' : styles.folded}`} aria-label='Filters'>
        <Action value={filter.action ?? ''} onChange={value => set('action', value)} />
        <Choice label='Outcome' value={filter.outcome} options={outcomes.map(outcome => [outcome, outcomeWord(outcome)])} onChange={value => set('outcome', value)} />
        <Choice label='Service' value={filter.service} options={auditServices.map(service => [service, service])} onChange={value => set('service', value)} />
        <MomentField label='From' value={filter.from} onChange={value => set('from', value)} />
        <MomentField label='To' value={filter.to} onChange={value => set('to', value)} />
        {Object.keys(filter).length > 0 && (
          <div className={styles.chips}>
            {filter.person !== undefined && <Chip what='Person' value={personName === '' ? filter.person : personName} onRemove={() => set('person', '')} />}
            {filter.target !== undefined && <Chip what='Target' value={filter.target} onRemove={() => set('target', '')} />}
            <Button small look='quiet' onClick={clear}>Clear filters</Button>
          </div>
        )}
      </section>
    </>
  )
}

/** Taken on Enter and when the field is left, so that a half-typed name asks nothing. What is typed is a beginning; what a row gave is a whole name. */
function Action ({ value, onChange }: { value: string, onChange: (value: string) => void }) {
  const shown = value.replace(/\*$/, '')
  const [text, setText] = useState(shown)
  useEffect(() => setText(shown), [shown])
  const typed = text.trim().toLowerCase()
  const wrong = typed !== '' && !/^[a-z][a-z0-9_.:-]{0,99}$/.test(typed)
  const take = () => {
    if (!wrong && typed !== shown) onChange(typed === '' ? '' : `${typed}*`)
  }
  return (
    <Field label='Action begins with' name='action' error={wrong ? 'Letters, digits, dots and dashes' : undefined}>
      {control => (
        <>
          <input
            {...control} value={text} list='audit-actions' autoComplete='off' autoCapitalize='none' spellCheck={false} placeholder='any'
            onChange={event => setText(event.target.value)} onBlur={take} onKeyDown={event => { if (event.key === 'Enter') take() }}
          />
          <datalist id='audit-actions'>{beginnings.map(each => <option key={each} value={each} />)}</datalist>
        </>
      )}
    </Field>
  )
}

function Choice ({ label, value, options, onChange }: { label: string, value: string | undefined, options: Array<[string, string]>, onChange: (value: string) => void }) {
  return (
    <Field label={label} name={label.toLowerCase()}>
      {control => (
        <select {...control} value={value ?? ''} onChange={event => onChange(event.target.value)}>
          <option value=''>Any</option>
          {options.map(([option, word]) => <option key={option} value={option}>{word}</option>)}
        </select>
      )}
    </Field>
  )
}

function MomentField ({ label, value, onChange }: { label: string, value: string | undefined, onChange: (value: string) => void }) {
  return (
    <Field label={label} name={label.toLowerCase()}>
      {control => <input {...control} type='datetime-local' value={value ?? ''} onChange={event => onChange(event.target.value)} />}
    </Field>
  )
}

function Chip ({ what, value, onRemove }: { what: string, value: string, onRemove: () => void }) {
  return (
    <span className={styles.chip}>
      <span className={styles.value}>{what}: <strong>{value}</strong></span>
      <Button small look='quiet' onClick={onRemove} aria-label={`Remove the filter: ${what}`}><X size={15} aria-hidden='true' /></Button>
    </span>
  )
}
