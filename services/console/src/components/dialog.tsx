import { useEffect, useId, useRef, type ReactNode } from 'react'
import { X } from 'lucide-react'
import { Button } from './button.tsx'
import styles from './dialog.module.css'

/**
 * The browser's own modal dialog: it traps the focus, closes on Escape and gives the focus back. Mounted = open.
 * `firm` ignores Escape and the backdrop, for what cannot be shown again.
 */
export function Dialog ({ title, onClose, firm = false, children }: { title: string, onClose: () => void, firm?: boolean, children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()

  useEffect(() => {
    // the browser would choose the button that closes
    const dialog = ref.current
    dialog?.showModal()
    const first = dialog?.querySelector<HTMLElement>('[data-first]') ?? dialog?.querySelector<HTMLElement>('input, select, textarea') ?? dialog?.querySelector('h2')
    first?.focus()
    return () => dialog?.close()
  }, [])

  return (
    <dialog
      ref={ref} className={styles.dialog} aria-labelledby={id}
      onCancel={event => { event.preventDefault(); if (!firm) onClose() }}
      onMouseDown={event => { if (!firm && event.target === ref.current) onClose() }}
    >
      <div className={styles.inside}>
        <header>
          <h2 id={id} tabIndex={-1}>{title}</h2>
          {!firm && <Button look='quiet' small onClick={onClose} aria-label='Close'><X size={18} aria-hidden='true' /></Button>}
        </header>
        {children}
      </div>
    </dialog>
  )
}

export function Actions ({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>
}

interface ConfirmProps { title: string, action: string, busy: boolean, onConfirm: () => void, onClose: () => void, children: ReactNode }

/** The focus starts on the way out, so that Enter never deletes by habit. */
export function Confirm ({ title, action, busy, onConfirm, onClose, children }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={styles.text}>{children}</div>
      <Actions>
        <Button data-first onClick={onClose}>Keep it</Button>
        <Button look='destroy' busy={busy} onClick={onConfirm}>{action}</Button>
      </Actions>
    </Dialog>
  )
}
