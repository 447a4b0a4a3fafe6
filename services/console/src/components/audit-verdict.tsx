import { ShieldAlert, ShieldCheck } from 'lucide-react'
import type { Verdict } from '../api/audit.ts'
import styles from './audit-verdict.module.css'

const rows = (count: number) => count === 1 ? '1 row' : `${count.toLocaleString('en')} rows`

/** What a verification found, in words, and what it cannot know. */
export function AuditVerdict ({ verdict }: { verdict: Verdict }) {
  const { broken } = verdict
  return (
    <section className={`${styles.verdict} ${broken === null ? styles.good : styles.bad}`} role={broken === null ? 'status' : 'alert'} aria-label='Verification'>
      {broken === null ? <ShieldCheck size={20} aria-hidden='true' /> : <ShieldAlert size={20} aria-hidden='true' />}
      <div className={styles.text}>
        <strong>{broken === null ? 'The chain holds' : 'The chain does not hold'}</strong>
        {broken === null
          ? <p>{verdict.sealed === 1 ? 'The one row that is sealed is' : `All ${rows(verdict.sealed)} that are sealed are`} as sealed{signed(verdict)}.{verdict.unsealed > 0 && ` ${rows(verdict.unsealed)} so new that ${verdict.unsealed === 1 ? 'it is' : 'they are'} still to be sealed.`}</p>
          : <p>At row {broken.position.toLocaleString('en')}: {broken.reason}. Somebody with access to the database changed the log. Tell whoever runs Aurora, and keep a copy of the database as it is.</p>}
        {broken === null && <p className={styles.more}>Who owns the database could rewrite rows and chain alike. Whoever runs Aurora proves the opposite by the signed heads outside of it: <code>npm run audit -- verify</code></p>}
      </div>
    </section>
  )
}

function signed ({ sealed, signed }: Verdict): string {
  if (signed === null) return ', and none is signed yet'
  return signed >= sealed ? ', and signed to the last one' : `, and signed up to row ${signed.toLocaleString('en')}`
}
