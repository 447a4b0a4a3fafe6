import type { ReactNode } from 'react'
import { CloudOff, TriangleAlert, type LucideIcon } from 'lucide-react'
import { asProblem } from '../api/problem.ts'
import { Button } from './button.tsx'
import { Copy } from './copy.tsx'
import styles from './states.module.css'

/** Nothing here yet, and what to do about it. */
export function Empty ({ icon: Icon, title, children }: { icon: LucideIcon, title: string, children?: ReactNode }) {
  return (
    <div className={styles.state}>
      <Icon size={28} aria-hidden='true' className={styles.icon} />
      <h2>{title}</h2>
      <div className={styles.text}>{children}</div>
    </div>
  )
}

/** What went wrong, in words, with the id that finds it in the logs. */
export function Failure ({ error, retry }: { error: unknown, retry?: () => void }) {
  const problem = asProblem(error)
  const Icon = problem.status === 0 ? CloudOff : TriangleAlert
  return (
    <div className={styles.state} role='alert'>
      <Icon size={28} aria-hidden='true' className={styles.icon} />
      <h2>{problem.title}</h2>
      {problem.detail !== null && <p className={styles.text}>{problem.detail}</p>}
      {problem.status >= 502 && <p className={styles.text}>Nothing you saved is lost. This page tries again by itself.</p>}
      {problem.requestId !== null && <RequestId id={problem.requestId} />}
      {retry !== undefined && <Button onClick={retry}>Try again</Button>}
    </div>
  )
}

/** The same beside a form. */
export function Refusal ({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null
  const problem = asProblem(error)
  return (
    <div className={styles.refusal} role='alert'>
      <TriangleAlert size={18} aria-hidden='true' />
      <div>
        <strong>{problem.title}</strong>
        {problem.detail !== null && problem.detail !== problem.title && <p>{problem.detail}</p>}
        {problem.fields.length > 0 && <ul>{problem.fields.map(field => <li key={field.path + field.message}>{named(field.path)}{field.message}</li>)}</ul>}
        {problem.retryAfter !== null && <p>Try again in {problem.retryAfter} s.</p>}
        {problem.requestId !== null && <RequestId id={problem.requestId} />}
      </div>
    </div>
  )
}

const named = (path: string) => path === '' || path === '/' ? '' : `${path.replace(/^\/(body\/)?/, '').replaceAll('/', ' › ')}: `

function RequestId ({ id }: { id: string }) {
  return <p className={styles.request}>Request <code title={id}>{id.slice(0, 8)}…</code><Copy text={id} label='Copy the request id' bare /></p>
}

/** Holds the place of what is coming, so that nothing jumps. Says so once to a screen reader. */
export function Loading ({ rows = 5, what }: { rows?: number, what: string }) {
  return (
    <div role='status' className={styles.loading}>
      <span className='visually-hidden'>Loading {what}</span>
      {Array.from({ length: rows }, (_, row) => <div key={row} className={styles.bar} aria-hidden='true' />)}
    </div>
  )
}
