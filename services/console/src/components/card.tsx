import type { ReactNode } from 'react'
import styles from './card.module.css'

export function Card ({ title, aside, flush = false, children }: { title?: ReactNode, aside?: ReactNode, flush?: boolean, children: ReactNode }) {
  return (
    <section className={styles.card}>
      {title !== undefined && <header><h2>{title}</h2>{aside}</header>}
      <div className={flush ? styles.flush : styles.inside}>{children}</div>
    </section>
  )
}
