import { typeOf, type Schema } from './document.ts'
import styles from './docs.module.css'

type Resolve = (schema: Schema) => Schema

/** The fields of an object, and of the objects within. A schema that refers to itself is named, not unrolled for ever. */
export function SchemaView ({ schema, resolve, depth = 0 }: { schema: Schema, resolve: Resolve, depth?: number }) {
  const whole = resolve(schema)
  const list = whole.type === 'array' && whole.items !== undefined ? resolve(whole.items) : null
  const object = list ?? whole
  if (object.properties === undefined || depth > 5) return <p className={styles.type}>{typeOf(whole)}</p>
  return (
    <>
      {list !== null && <p className={styles.type}>a list of</p>}
      <ul className={styles.fields}>
        {Object.entries(object.properties).map(([name, property]) => (
          <li key={name}>
            <p><code>{name}</code> <span className={styles.type}>{shortType(resolve(property))}{object.required?.includes(name) === true ? '' : ', optional'}</span></p>
            {property.description !== undefined && <p>{property.description}</p>}
            {hasFields(property, resolve) && <SchemaView schema={property} resolve={resolve} depth={depth + 1} />}
          </li>
        ))}
      </ul>
    </>
  )
}

const shortType = (schema: Schema) => schema.type === 'object' ? 'object' : schema.type === 'array' && schema.items?.type === 'object' ? 'list' : typeOf(schema)

function hasFields (schema: Schema, resolve: Resolve): boolean {
  const whole = resolve(schema)
  return whole.properties !== undefined || (whole.items !== undefined && resolve(whole.items).properties !== undefined)
}
