import { readFile } from 'node:fs/promises'
import type { PeerName } from '#shared/peers'
import { privateFolder } from '../certificates/files.ts'
import { operatorTls } from '../postgres/tls.ts'
import { openVault, type VaultApi } from './api.ts'
import { ensureAccess, login } from './approle.ts'
import { ensureEntries, type ServiceValues } from './entries.ts'
import { readGiven, type GivenFiles } from './given.ts'
import { initialise, keep, withRoot } from './initialise.ts'
import { policiesAreCurrent, provision, type Place } from './provision.ts'

export interface PrepareVaultOptions extends Place {
  address: string
  servername?: PeerName
  /** Folder with the certificate of `setup`. */
  tls: string
  /** The authority of a server that somebody else runs. Default: ours, and the server is our peer. */
  caFile?: string
  /** Folder for the AppRole ids and the recovery shares. */
  keys: string
  /** The token of the operator of a Vault that is not ours: then nothing is initialised, and nothing of it is kept. */
  tokenFile?: string
  /** Files with secrets that the operator brings. */
  given?: GivenFiles
}

/**
 * Brings Vault to the present state and returns the services' own entries. The first run initialises, does everything as root, and then revokes root; later
 * runs log in with a narrow role that can only complete entries and renew the secret id of `secrets`. So run it at each start and once a day.
 */
export async function prepareVault ({ address, servername = 'vault', tls, caFile, keys, mount, base, tokenFile, given = {} }: PrepareVaultOptions): Promise<ServiceValues> {
  const place = { mount, base }
  const brought = await readGiven(given)
  const vault = openVault(address, operatorTls(tls, servername, caFile))
  try {
    await privateFolder(keys)
    if (tokenFile !== undefined) return await asOperator(vault, (await readFile(tokenFile, 'utf8')).trim(), keys, place, brought)
    const initialisation = await initialise(vault, keys)
    if (initialisation.rootToken !== undefined) {
      const values = await asOperator(vault, initialisation.rootToken, keys, place, brought)
      await revoke(vault, initialisation.rootToken)
      const { rootToken, ...rest } = initialisation
      await keep(keys, rest)
      return values
    }

    let token = await login(vault, keys, 'aurora-bootstrap')
    if (!await policiesAreCurrent(vault, token, place)) {
      await withRoot(vault, token, initialisation, root => provision(vault, root, place))
      token = await login(vault, keys, 'aurora-bootstrap')
    }
    await ensureAccess(vault, token, keys, 'aurora-secrets')
    const values = await ensureEntries(vault, token, place, brought)
    await revoke(vault, token)
    return values
  } finally {
    await vault.close()
  }
}

async function asOperator (vault: VaultApi, token: string, keys: string, place: Place, given: Record<string, string>): Promise<ServiceValues> {
  await provision(vault, token, place)
  await ensureAccess(vault, token, keys, 'aurora-bootstrap')
  await ensureAccess(vault, token, keys, 'aurora-secrets')
  return await ensureEntries(vault, token, place, given)
}

const revoke = (vault: VaultApi, token: string) => vault.call('POST', 'auth/token/revoke-self', {}, token)
