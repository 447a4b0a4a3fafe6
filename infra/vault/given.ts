import { readFile } from 'node:fs/promises'
import { hostsIn, readClouds } from '../../services/auth/connect/registered.ts'
import { readProviders } from '../../services/auth/oauth/providers.ts'

/** Secrets that somebody else made and the operator brings in a file: no environment variable ever holds one. */
export interface GivenFiles {
  /** Of the user at the mail server. */
  smtpPassword?: string
  /** Who vouches for people (services/auth/oauth/providers.ts), with their client secrets: a JSON array. */
  loginProviders?: string
  /** Which clouds people may connect (services/auth/connect/registered.ts), with our secrets there: a JSON array. */
  cloudProviders?: string
}

export const givenFiles = (environment: NodeJS.ProcessEnv): GivenFiles => Object.fromEntries(
  Object.entries({
    smtpPassword: environment['SMTP_PASSWORD_FILE'],
    loginProviders: environment['LOGIN_PROVIDERS_FILE'],
    cloudProviders: environment['CLOUD_PROVIDERS_FILE']
  }).filter(([, file]) => file !== undefined && file !== '')
)

/** What is in the files, for auth's entry. Throws for what auth could not start with; the message holds no value. `allowedHosts`: OAUTH_ALLOWED_HOSTS. */
export async function readGiven (files: GivenFiles, allowedHosts = process.env['OAUTH_ALLOWED_HOSTS'] ?? ''): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const [name, file] of Object.entries(files) as Array<[keyof GivenFiles, string]>) {
    const text = (await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => { throw new Error(`${name}: ${file} cannot be read (${error.code ?? 'unknown'})`) })).trim()
    if (text === '') throw new Error(`${name}: ${file} is empty`)
    values[name] = text
  }
  readable('loginProviders', () => readProviders(values))
  readable('cloudProviders', () => readClouds(values, hostsIn(allowedHosts)))
  return values
}

/** The text of a JSON error quotes what it could not read, and with it a secret. */
function readable (name: keyof GivenFiles, read: () => unknown): void {
  try {
    read()
  } catch (error) {
    throw error instanceof SyntaxError ? new Error(`${name}: it is not JSON`) : error
  }
}
