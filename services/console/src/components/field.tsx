import { useId, type ReactNode } from 'react'
import styles from './field.module.css'

interface FieldProps {
  label: string
  name: string
  hint?: ReactNode
  error?: string | undefined
  children: (control: { id: string, name: string, className: string | undefined, 'aria-describedby'?: string, 'aria-invalid'?: true }) => ReactNode
}

/** Label, control, hint and error, tied together for a screen reader. The control is the caller's. */
export function Field ({ label, name, hint, error, children }: FieldProps) {
  const id = useId()
  const described = [hint !== undefined ? `${id}-hint` : '', error !== undefined ? `${id}-error` : ''].filter(Boolean).join(' ')
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        name,
        className: styles.control,
        ...(described === '' ? {} : { 'aria-describedby': described }),
        ...(error === undefined ? {} : { 'aria-invalid': true as const })
      })}
      {hint !== undefined && <p id={`${id}-hint`} className={styles.hint}>{hint}</p>}
      {error !== undefined && <p id={`${id}-error`} className={styles.error}>{error}</p>}
    </div>
  )
}

export function Form ({ onSend, children }: { onSend: (values: Record<string, string>) => void, children: ReactNode }) {
  return (
    <form
      className={styles.form}
      onSubmit={event => {
        event.preventDefault()
        const data = new FormData(event.currentTarget)
        onSend(Object.fromEntries([...data].filter((entry): entry is [string, string] => typeof entry[1] === 'string')))
      }}
    >
      {children}
    </form>
  )
}
