import type { ComponentProps } from 'react'
import { LoaderCircle } from 'lucide-react'
import { Link } from 'wouter'
import styles from './button.module.css'

type Look = 'primary' | 'plain' | 'quiet' | 'danger' | 'destroy'

interface ButtonProps extends ComponentProps<'button'> {
  look?: Look
  busy?: boolean
  small?: boolean
  /** Where the focus goes when the dialog around it opens. */
  'data-first'?: true
}

const classOf = (look: Look, small: boolean, extra = '') =>
  [styles.button, styles[look], small ? styles.small : '', extra].filter(Boolean).join(' ')

/** Busy keeps the focus and the width, and takes no second press. */
export function Button ({ look = 'plain', busy = false, small = false, className, children, onClick, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest} type={type} className={classOf(look, small, className)} aria-busy={busy || undefined} aria-disabled={busy || undefined}
      onClick={event => busy ? event.preventDefault() : onClick?.(event)}
    >
      {busy && <LoaderCircle className={styles.spinner} size={16} aria-hidden='true' />}
      {children}
    </button>
  )
}

export function ButtonLink ({ to, look = 'plain', small = false, children }: { to: string, look?: Look, small?: boolean, children: React.ReactNode }) {
  return <Link href={to} className={classOf(look, small)}>{children}</Link>
}
