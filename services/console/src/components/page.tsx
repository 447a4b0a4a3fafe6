import { useEffect, type ReactNode } from 'react'
import styles from './page.module.css'

/** Sets the tab's title and holds heading, actions and content of one page. */
export function Page ({ title, heading, aside, wide = false, children }: { title: string, heading?: ReactNode, aside?: ReactNode, wide?: boolean, children: ReactNode }) {
  useTitle(title)
  return (
    <div className={`${styles.page} ${wide ? styles.wide : ''}`}>
      <header className={styles.header}>
        <div className={styles.heading}>{heading ?? <h1>{title}</h1>}</div>
        {aside !== undefined && <div className={styles.aside}>{aside}</div>}
      </header>
      {children}
    </div>
  )
}

export function useTitle (title: string): void {
  useEffect(() => { document.title = `${title} · Aurora` }, [title])
}
