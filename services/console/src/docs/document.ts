/** As much of OpenAPI 3.1 as the page shows. */
export interface Schema {
  type?: string | string[]
  title?: string
  description?: string
  format?: string
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  additionalProperties?: boolean | Schema
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  pattern?: string
  default?: unknown
  $ref?: string
}

export interface Parameter { name: string, in: string, required?: boolean, description?: string, schema?: Schema }

interface Body { description?: string, required?: boolean, content?: Record<string, { schema?: Schema }> }

export interface Operation {
  tags?: string[]
  summary?: string
  description?: string
  operationId?: string
  parameters?: Parameter[]
  requestBody?: Body
  responses?: Record<string, Body>
  security?: Array<Record<string, string[]>>
  'x-permission'?: string
}

export interface ApiDocument {
  info: { title: string, version: string, description?: string }
  tags?: Array<{ name: string, description?: string }>
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

export interface Entry { id: string, method: string, path: string, operation: Operation }

export interface Section { tag: string, description: string, entries: Entry[] }

const methods = ['get', 'post', 'put', 'patch', 'delete']

export function sectionsOf (document: ApiDocument): Section[] {
  const entries = Object.entries(document.paths).flatMap(([path, operations]) =>
    methods.flatMap((method): Entry[] => {
      const operation = operations[method]
      return operation === undefined ? [] : [{ id: `${method}${path}`.replace(/[^a-z0-9]+/gi, '-').replace(/-$/, ''), method: method.toUpperCase(), path, operation }]
    }))
  const tags = [...new Set([...document.tags?.map(tag => tag.name) ?? [], ...entries.map(entry => entry.operation.tags?.[0] ?? 'other')])]
  return tags
    .map(tag => ({
      tag,
      description: document.tags?.find(each => each.name === tag)?.description ?? '',
      entries: entries.filter(entry => (entry.operation.tags?.[0] ?? 'other') === tag)
    }))
    .filter(section => section.entries.length > 0)
}

export const jsonOf = (body: Body | undefined): Schema | undefined =>
  Object.values(body?.content ?? {})[0]?.schema

/** `string`, `integer ≥ 1`, `"a" | "b"`, `string[]`: a schema in a line. */
export function typeOf (schema: Schema | undefined): string {
  if (schema === undefined) return 'anything'
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(value => JSON.stringify(value)).join(' | ')
  const union = schema.anyOf ?? schema.oneOf
  if (union !== undefined) return union.map(typeOf).join(' | ')
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? 'object'
  const type = [schema.type ?? 'anything'].flat().join(' | ')
  return type === 'array' ? `${typeOf(schema.items)}[]` : `${type}${schema.format === undefined ? '' : ` (${schema.format})`}${bounds(schema)}`
}

function bounds ({ minLength, maxLength, minimum, maximum }: Schema): string {
  const [least, most, unit] = minimum !== undefined || maximum !== undefined ? [minimum, maximum, ''] : [minLength, maxLength, ' characters']
  if (least === undefined && most === undefined) return ''
  return least === undefined ? `, up to ${most}${unit}` : most === undefined ? `, at least ${least}${unit}` : `, ${least} to ${most}${unit}`
}
