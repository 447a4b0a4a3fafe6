import { useLayoutEffect } from 'react'
import { useQuery } from '@tanstack/react-query'
import { ask } from '../api/client.ts'
import { Logo } from '../components/logo.tsx'
import { Failure, Loading } from '../components/states.tsx'
import { sectionsOf, type ApiDocument, type Schema } from './document.ts'
import { Prose } from './prose.tsx'
import { OperationView } from './operation-view.tsx'
import styles from './docs.module.css'

/**
 * The API reference, drawn from /api/openapi.json. A page of our own because the kept viewers cannot live under this
 * console's Content-Security-Policy: Scalar and Redoc put style elements into the page, Swagger UI assigns innerHTML,
 * which Trusted Types refuse. It holds no `try it` on purpose: the browser's session is not a toy.
 */
export function Docs () {
  const { data, error, refetch } = useQuery({ queryKey: ['openapi'], staleTime: Infinity, queryFn: ({ signal }) => ask<ApiDocument>('GET', '/api/openapi.json', undefined, signal) })
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <a href='/' className={styles.brand}><Logo />Aurora</a>
        <a href='/api/openapi.json' download='aurora-openapi.json'>OpenAPI document</a>
      </header>
      {data === undefined
        ? <main className={styles.main}>{error === null ? <Loading what='the reference' /> : <Failure error={error} retry={() => { refetch() }} />}</main>
        : <Reference document={data} />}
    </div>
  )
}

function Reference ({ document: api }: { document: ApiDocument }) {
  const sections = sectionsOf(api)
  const resolve = (schema: Schema): Schema => schema.$ref === undefined ? schema : api.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''] ?? schema

  // the browser looked for the fragment before there was anything to find
  useLayoutEffect(() => { document.getElementById(location.hash.slice(1))?.scrollIntoView() }, [])

  return (
    <div className={styles.columns}>
      <nav className={styles.nav} aria-label='Operations'>
        {sections.map(section => (
          <section key={section.tag}>
            <h2>{section.tag}</h2>
            <ul>{section.entries.map(entry => <li key={entry.id}><a href={`#${entry.id}`}><Prose text={entry.operation.summary ?? `${entry.method} ${entry.path}`} /></a></li>)}</ul>
          </section>
        ))}
      </nav>
      <main className={styles.main}>
        <h1>{api.info.title}</h1>
        <p className={styles.soft}>Version {api.info.version}. {api.info.description}</p>
        {sections.map(section => (
          <section key={section.tag} className={styles.section}>
            <h2>{section.tag}</h2>
            {section.description !== '' && <p className={styles.soft}>{section.description}</p>}
            {section.entries.map(entry => <OperationView key={entry.id} entry={entry} resolve={resolve} />)}
          </section>
        ))}
      </main>
    </div>
  )
}
