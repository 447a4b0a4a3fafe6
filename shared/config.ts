import { readFileSync } from 'node:fs'
import { Type, type Static, type TObject, type TProperties } from 'typebox'
import { Clean, Convert, Default, Errors } from 'typebox/value'

/**
 * Configuration comes from environment variables that hold no secret: what is secret is named by a file or asked of `secrets`.
 * Every field says its meaning, unit and default. All errors are reported at once.
 */
export const baseConfig = {
  LISTEN_HOST: Type.String({ default: '127.0.0.1', description: 'Address of the mutual-TLS listener.' }),
  LISTEN_PORT: Type.Integer({ minimum: 0, maximum: 65535, description: 'Port of the mutual-TLS listener; 0 takes a free one.' }),
  METRICS_HOST: Type.String({ default: '127.0.0.1', description: 'Address of the internal plain-HTTP listener for /metrics, /live and /ready.' }),
  METRICS_PORT: Type.Integer({ minimum: 0, maximum: 65535, description: 'Port of that listener; 0 takes a free one.' }),
  TLS_DIRECTORY: Type.String({ minLength: 1, description: 'Folder with cert.pem, key.pem and ca.pem of this peer; watched, re-read when it changes.' }),
  PUBLIC_URL: Type.String({ pattern: '^https://[^/]+$', description: 'The one address people see, without a path.' }),
  ALLOWED_ORIGINS: Type.Optional(Type.String({ description: 'Origins of the web frontend, separated by commas. Default: PUBLIC_URL.' })),
  DATABASE_URL: Type.String({ pattern: '^postgres(ql)?://[^:@/]+@', description: 'PostgreSQL without a password in it.' }),
  DATABASE_CA_FILE: Type.Optional(Type.String({ description: 'CA of the PostgreSQL server. Default: ca.pem of TLS_DIRECTORY.' })),
  DATABASE_CONNECTIONS: Type.Integer({ default: 10, minimum: 1, maximum: 200, description: 'Connections to PostgreSQL at most.' }),
  REDIS_STATE_URL: Type.String({ pattern: '^rediss://[^:@/]+@', description: 'The Redis or Valkey that never evicts, without a password in it.' }),
  REDIS_CA_FILE: Type.Optional(Type.String({ description: 'CA of the Redis servers. Default: ca.pem of TLS_DIRECTORY.' })),
  AUTH_URL: Type.Optional(Type.String({ pattern: '^https://', description: 'Internal address of auth.' })),
  SECRETS_URL: Type.Optional(Type.String({ pattern: '^https://', description: 'Internal address of secrets.' })),
  INCIDENTS_URL: Type.Optional(Type.String({ pattern: '^https://', description: 'Internal address of incidents.' })),
  CHAT_URL: Type.Optional(Type.String({ pattern: '^https://', description: 'Internal address of chat.' })),
  TRUSTED_PROXIES: Type.String({ default: '127.0.0.1/32,::1/128', description: 'CIDRs of the edge, whose X-Forwarded-For is believed.' }),
  REQUESTS_PER_MINUTE: Type.Integer({ default: 100, minimum: 1, description: 'Limit per principal (or address) and minute.' }),
  EXPENSIVE_PER_MINUTE: Type.Integer({ default: 10, minimum: 1, description: 'Limit of expensive routes per principal and minute.' }),
  LOG_LEVEL: Type.String({ default: 'info', pattern: '^(fatal|error|warn|info|debug|trace|silent)$', description: 'Level of the log.' }),
  SHUTDOWN_SECONDS: Type.Integer({ default: 10, minimum: 1, maximum: 600, description: 'How long a shutdown may drain, in seconds.' })
} satisfies TProperties

export type BaseConfig = Static<TObject<typeof baseConfig>>

export class ConfigError extends Error {
  constructor (messages: string[]) {
    super(`The configuration is not complete:\n${messages.map(message => `  ${message}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

/** Reads the fields of the schema, and only those, from the environment. Throws ConfigError with all that is wrong. */
export function loadConfig<P extends TProperties> (fields: P, environment: NodeJS.ProcessEnv): Static<TObject<P>> {
  const schema = Type.Object(fields)
  const given: Record<string, unknown> = {}
  for (const name of Object.keys(fields)) {
    const value = environment[name]
    if (value !== undefined && value !== '') given[name] = value
  }
  const value = Clean(schema, Convert(schema, Default(schema, given)))
  const problems = [...Errors(schema, value)].flatMap(error => {
    const missing = 'requiredProperties' in error.params ? error.params.requiredProperties as string[] : undefined
    if (missing !== undefined) return missing.map(name => `${name} is missing. ${describe(fields, name)}`)
    const name = error.instancePath.slice(1)
    return [`${name} ${error.message}. ${describe(fields, name)}`]
  })
  if (problems.length > 0) throw new ConfigError([...new Set(problems)])
  return value as Static<TObject<P>>
}

function describe (fields: TProperties, name: string): string {
  const field = fields[name] as { description?: string } | undefined
  return field?.description ?? ''
}

/** A secret in a file, without the newline that editors add. Throws ConfigError that names the setting, never the content. */
export function secretFromFile (setting: string, path: string): string {
  let text
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new ConfigError([`${setting}: the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`])
  }
  if (text === '') throw new ConfigError([`${setting}: the file ${path} is empty.`])
  return text
}
