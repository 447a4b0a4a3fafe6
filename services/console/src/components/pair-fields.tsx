import { useState, type FormEvent } from 'react'
import { Plus } from 'lucide-react'
import { Button } from './button.tsx'
import { Field } from './field.tsx'
import styles from './pair-fields.module.css'

const most = 32

/** Of two values of one name only one would be stored. */
function refuseTwice ({ currentTarget }: FormEvent<HTMLInputElement>) {
  const names = [...currentTarget.form?.querySelectorAll<HTMLInputElement>('input[name^="name-"]') ?? []]
  for (const [row, input] of names.entries()) input.setCustomValidity(input.value !== '' && names.slice(0, row).some(({ value }) => value === input.value) ? 'This name is there already.' : '')
}

/** Names and values: as many rows as the person wants. The page knows how many there are and not what is in them. */
export function PairFields () {
  const [rows, setRows] = useState(1)
  return (
    <>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.pair}>
          <Field label={row === 0 ? 'Name' : `Name ${row + 1}`} name={`name-${row}`}>
            {control => <input {...control} onInput={refuseTwice} required={row === 0} maxLength={64} pattern='[A-Za-z][A-Za-z0-9_.\-]*' title='A letter, then letters, digits and _ . -' placeholder='API_TOKEN' autoComplete='off' spellCheck={false} autoCapitalize='off' />}
          </Field>
          <Field label={row === 0 ? 'Value' : `Value ${row + 1}`} name={`value-${row}`}>
            {control => <input {...control} required={row === 0} type='password' maxLength={8192} autoComplete='new-password' spellCheck={false} />}
          </Field>
        </div>
      ))}
      {rows < most && <div><Button small onClick={() => setRows(rows + 1)}><Plus size={16} aria-hidden='true' />Another</Button></div>}
    </>
  )
}

/** What was typed as `name-0` and `value-0` becomes a value of that name; a row that was left empty is none, and one that lacks its name or value is refused there. */
export function withPairs (typed: Record<string, string>): Record<string, string> {
  const rows = new Set(Object.keys(typed).flatMap(key => /^(?:name|value)-(\d+)$/.exec(key)?.[1] ?? []))
  if (rows.size === 0) return typed
  return Object.fromEntries([...rows].map(row => [typed[`name-${row}`] ?? '', typed[`value-${row}`] ?? '']))
}
