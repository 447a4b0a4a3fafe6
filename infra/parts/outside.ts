import { resolve } from 'node:path'
import { givenFiles, type GivenFiles } from '../vault/given.ts'
import { StartFailure } from './failure.ts'

/** A part that somebody else runs: where it is, the file with its administrator's password or token, and its authority when that is not ours. */
export interface OutsidePart { url: string, passwordFile: string, tls: { caFile?: string } }

export interface Outside {
  database: OutsidePart | null
  redis: { state: OutsidePart, cache: OutsidePart } | null
  vault: { url: string, tokenFile: string, tls: { caFile?: string } } | null
  /** Files with secrets that the operator brings. */
  given: GivenFiles
  mount: string
  base: string
}

/** Reads which parts are outside. Throws one StartFailure with all that is missing or would put a secret where it does not belong. */
export function readOutside (environment: NodeJS.ProcessEnv): Outside {
  const problems: string[] = []
  const get = (name: string) => environment[name] === '' ? undefined : environment[name]

  function url (name: string, protocols: string[]): string | undefined {
    const text = get(name)
    if (text === undefined) return undefined
    const address = URL.parse(text)
    if (address === null || !protocols.includes(address.protocol)) problems.push(`${name} is an address like ${protocols[0]}//…`)
    else if (address.password !== '') problems.push(`${name} must hold no password (put it in a file and name that)`)
    return text
  }

  function need (name: string, because: string): string {
    const file = get(name)
    if (file === undefined) problems.push(`${because} needs ${name}, the file with its password or token`)
    return resolve(file ?? '')
  }

  const tlsOf = (name: string) => {
    const caFile = get(name)
    return caFile === undefined ? {} : { caFile: resolve(caFile) }
  }
  const part = (name: string, address: string, file: string, ca: string): OutsidePart => ({ url: address, passwordFile: need(file, name), tls: tlsOf(ca) })

  const database = url('DATABASE_URL', ['postgres:', 'postgresql:'])
  const state = url('REDIS_STATE_URL', ['rediss:'])
  const cache = url('REDIS_CACHE_URL', ['rediss:'])
  const vault = url('VAULT_ADDR', ['https:'])
  const smtp = url('SMTP_URL', ['smtps:', 'smtp:'])
  if ((smtp === undefined) !== (get('MAIL_FROM') === undefined)) problems.push('SMTP_URL and MAIL_FROM go together')
  if ((state === undefined) !== (cache === undefined)) problems.push('REDIS_STATE_URL and REDIS_CACHE_URL go together (two servers, since one must never evict)')

  const outside: Outside = {
    database: database === undefined ? null : part('DATABASE_URL', database, 'DATABASE_PASSWORD_FILE', 'DATABASE_CA_FILE'),
    redis: state === undefined || cache === undefined
      ? null
      : { state: part('REDIS_STATE_URL', state, 'REDIS_STATE_PASSWORD_FILE', 'REDIS_CA_FILE'), cache: part('REDIS_CACHE_URL', cache, 'REDIS_CACHE_PASSWORD_FILE', 'REDIS_CA_FILE') },
    vault: vault === undefined ? null : { url: vault, tokenFile: need('VAULT_TOKEN_FILE', 'VAULT_ADDR'), tls: tlsOf('VAULT_CA_FILE') },
    given: Object.fromEntries(Object.entries(givenFiles(environment)).map(([name, file]) => [name, resolve(file)])),
    mount: get('VAULT_KV_MOUNT') ?? 'aurora',
    base: get('VAULT_KV_BASE_PATH') ?? 'default'
  }
  if (problems.length > 0) throw new StartFailure(`The settings of outside parts do not fit: ${problems.join('; ')}.`)
  return outside
}
