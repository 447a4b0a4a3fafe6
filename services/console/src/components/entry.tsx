import type { ReactNode } from 'react'
import { Logo } from './logo.tsx'
import { useTitle } from './page.tsx'
import styles from './entry.module.css'

/** The page before anybody is signed in. */
export function Entry ({ title, lead, footer, children }: { title: string, lead?: ReactNode, footer?: ReactNode, children: ReactNode }) {
  useTitle(title)
  return (
    <main className={styles.entry}>
      <div className={styles.brand}><Logo size={36} /><span>Aurora</span></div>
      <div className={styles.panel}>
        <h1>{title}</h1>
        {lead !== undefined && <p className={styles.lead}>{lead}</p>}
        {children}
      </div>
      {footer !== undefined && <p className={styles.footer}>{footer}</p>}
    </main>
  )
}
