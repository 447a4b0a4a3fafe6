import { Prose } from './prose.tsx'
import { jsonOf, typeOf, type Entry, type Schema } from './document.ts'
import { SchemaView } from './schema-view.tsx'
import styles from './docs.module.css'

export function OperationView ({ entry, resolve }: { entry: Entry, resolve: (schema: Schema) => Schema }) {
  const { operation } = entry
  const request = jsonOf(operation.requestBody)
  return (
    <article id={entry.id} className={styles.operation}>
      <h3><a href={`#${entry.id}`}><span className={`${styles.method} ${styles[entry.method.toLowerCase()]}`}>{entry.method}</span> <code>{entry.path}</code></a></h3>
      {operation.summary !== undefined && <p><Prose text={operation.summary} /></p>}
      {operation.description !== undefined && <p className={styles.soft}><Prose text={operation.description} /></p>}
      {operation['x-permission'] !== undefined && <p className={styles.soft}>Needs the permission <code>{operation['x-permission']}</code>.</p>}
      {operation.parameters !== undefined && operation.parameters.length > 0 && (
        <section>
          <h4>Parameters</h4>
          <ul className={styles.fields}>
            {operation.parameters.map(parameter => (
              <li key={parameter.in + parameter.name}>
                <p><code>{parameter.name}</code> <span className={styles.type}>in {parameter.in}, {typeOf(parameter.schema)}{parameter.required === true ? '' : ', optional'}</span></p>
                {(parameter.description ?? parameter.schema?.description) !== undefined && <p>{parameter.description ?? parameter.schema?.description}</p>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {request !== undefined && <section><h4>Body</h4><SchemaView schema={request} resolve={resolve} /></section>}
      {Object.entries(operation.responses ?? {}).map(([status, response]) => {
        const schema = jsonOf(response)
        return (
          <details key={status}>
            <summary><code>{status}</code> {response.description !== 'Default Response' && response.description}</summary>
            {schema !== undefined && <SchemaView schema={schema} resolve={resolve} />}
          </details>
        )
      })}
    </article>
  )
}
