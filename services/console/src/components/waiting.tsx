import { Logo } from './logo.tsx'
import styles from './waiting.module.css'

/** The whole page, before anything is known. Appears only when it takes long enough to be noticed. */
export function Waiting () {
  return <div className={styles.waiting} role='status'><Logo size={36} /><span className='visually-hidden'>Loading Aurora</span></div>
}
