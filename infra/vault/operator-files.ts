import { readFile } from 'node:fs/promises'
import { readClouds } from '../../services/auth/connect/clouds.ts'
import { readProviders } from '../../services/auth/oauth/providers.ts'

/**
 * What the operator writes by hand and `auth` finds in Vault: which providers vouch for people, which clouds they may connect. A file that is named replaces what
 * Vault holds; without one that stays. Checked here, so that a mistake stops this command and not the next start of `auth`.
 */
export async function operatorValues (env: Record<string, string | undefined>): Promise<Record<string, string>> {
  const allowedHosts = (env['OAUTH_ALLOWED_HOSTS'] ?? '').split(',').map(host => host.trim()).filter(host => host !== '')
  const files: Array<[setting: string, field: string, check: (values: Record<string, string>) => unknown]> = [
    ['LOGIN_PROVIDERS_FILE', 'loginProviders', readProviders],
    ['CLOUD_PROVIDERS_FILE', 'cloudProviders', values => readClouds(values, allowedHosts)]
  ]
  const values: Record<string, string> = {}
  for (const [setting, field, check] of files) {
    const path = env[setting]
    if (path === undefined || path === '') continue
    const text = (await readFile(path, 'utf8')).trim()
    try {
      check({ [field]: text })
    } catch (error) {
      // The text of a JSON error would quote the file, and with it a secret.
      throw new Error(error instanceof SyntaxError ? `${setting}: ${path} is not JSON` : `${setting}: ${(error as Error).message}`)
    }
    values[field] = text
  }
  return values
}
