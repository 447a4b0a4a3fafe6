import { randomBytes } from 'node:crypto'
import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { connects } from './ready.ts'
import type { Folder } from './folder.ts'
import { runPart, type Part } from './run.ts'
import type { Watcher } from './watcher.ts'

/** OpenBao as a real server (never `-dev`), unsealed by a key file, its raft storage in the folder `openbao`. */
export async function openbaoPart (folder: Folder, watcher: Watcher, options: { binary: string, port: number, clusterPort: number }): Promise<Part> {
  const data = folder.path('openbao')
  await mkdir(folder.path('openbao', 'raft'), { recursive: true, mode: 0o700 })
  await ensureSealKey(folder.path('keys', 'vault-seal'))
  await writeFile(folder.path('openbao', 'config.hcl'), configuration(folder, options), { mode: 0o600 })
  return runPart({
    ...watcher('vault'),
    command: [options.binary, 'server', `-config=${folder.path('openbao', 'config.hcl')}`],
    directory: data,
    ready: () => connects(options.port)
  })
}

async function ensureSealKey (file: string): Promise<void> {
  await writeFile(file, randomBytes(32), { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

function configuration (folder: Folder, { port, clusterPort }: { port: number, clusterPort: number }): string {
  const text = (value: string) => JSON.stringify(value)
  const file = (name: string) => text(folder.path('certificates', 'vault', name))
  return `# Written at each start.
ui = false
api_addr = "https://127.0.0.1:${port}"
cluster_addr = "https://127.0.0.1:${clusterPort}"

storage "raft" {
  path = ${text(folder.path('openbao', 'raft'))}
  node_id = "aurora"
  # Without it the first election takes ten seconds.
  performance_multiplier = 1
}

listener "tcp" {
  address = "127.0.0.1:${port}"
  cluster_address = "127.0.0.1:${clusterPort}"
  tls_min_version = "tls13"
  tls_cert_file = ${file('cert.pem')}
  tls_key_file = ${file('key.pem')}
  tls_client_ca_file = ${file('ca.pem')}
  tls_require_and_verify_client_cert = true
}

seal "static" {
  current_key_id = "1"
  current_key = ${text(`file://${folder.path('keys', 'vault-seal')}`)}
}

audit "file" "file" {
  options = {
    file_path = ${text(folder.path('logs', 'vault-audit.log'))}
    mode = "0600"
  }
}
`
}

/**
 * An initialisation that was cut off may have lost the only keys to a Vault in which nothing lies yet. So one that was never
 * finished is thrown away before the next start; one that was is never touched.
 */
export async function forgetUnfinishedVault (folder: Folder): Promise<void> {
  if (await access(folder.path('openbao', '.prepared')).then(() => true, () => false)) return
  await rm(folder.path('openbao'), { recursive: true, force: true })
}

export const markVaultPrepared = (folder: Folder): Promise<void> => writeFile(folder.path('openbao', '.prepared'), '', { mode: 0o600 })
