import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { contentSecurityPolicy, keepaliveMinimumLine, listenLines, openFiles, realIpLines, strictTransport, userLine } from './directives.ts'

export interface EdgeOptions {
  /** nginx's own folder: configuration, pid and temporary files. */
  directory: string
  /** Path of the nginx binary. */
  nginx: string
  /** Addresses; `::` is all of both families. */
  hosts: string[]
  port: number
  /** What a browser has in its address bar; `https://localhost:<port>` by default. */
  publicUrl?: string
  /** `host:port` of each service. */
  upstreams: { auth: string, secrets: string, incidents: string, chat: string }
  /** Folder with `edge/` and `public/`, each with cert.pem, key.pem, ca.pem. */
  certificates: string
  /** The built console. */
  consoleRoot: string
  /** A file, or /dev/stdout (which nginx can not open when it is a socket). */
  accessLog?: string
  /** CIDRs whose X-Forwarded-For is believed; none by default. */
  trustedProxies?: string[]
  /** Per address. */
  limits?: { requestsPerSecond?: number, burst?: number, connections?: number }
  /** Seconds: a client's for its whole header and between two pieces of its body, a service's until it says something, auth's for who asks. */
  patience?: { header?: number, body?: number, service?: number, auth?: number }
  workers?: number
}

export interface RenderedEdge {
  configuration: string
  /** Runs nginx in the foreground under the supervisor. */
  command: string[]
  /** Folders whose change means a reload. */
  watch: string[]
}

const templates = fileURLToPath(new URL('conf/', import.meta.url))
const supervisor = fileURLToPath(new URL('supervisor.ts', import.meta.url))

/** Writes the edge's configuration into `<directory>/conf` and says how to run it. The same options give the same files. */
export async function renderEdge (options: EdgeOptions): Promise<RenderedEdge> {
  const directory = resolve(options.directory)
  const conf = join(directory, 'conf')
  const values = valuesOf({ ...options, directory })
  const files = await Promise.all((await readdir(templates)).map(async name => {
    return { name, text: fill(await readFile(join(templates, name), 'utf8'), values, name) }
  }))
  for (const folder of [directory, conf, join(directory, 'temp')]) await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const { name, text } of files) await writeFile(join(conf, name), text, { mode: 0o600 })
  const configuration = join(conf, 'nginx.conf')
  const watch = ['edge', 'public'].map(name => resolve(options.certificates, name))
  const nginx = [options.nginx, '-p', directory, '-c', configuration, '-e', 'stderr']
  return { configuration, watch, command: [process.execPath, supervisor, ...watch.flatMap(path => ['--watch', path]), '--', ...nginx] }
}

function valuesOf (options: EdgeOptions): Record<string, string> {
  const publicHost = new URL(options.publicUrl ?? `https://localhost:${options.port}`).host
  return {
    EDGE_USER: userLine(),
    EDGE_OPEN_FILES: String(openFiles()),
    EDGE_KEEPALIVE_MINIMUM: keepaliveMinimumLine(options.nginx),
    EDGE_WORKERS: String(options.workers ?? 2),
    EDGE_DIRECTORY: options.directory,
    EDGE_LISTEN: listenLines(options.hosts, options.port),
    EDGE_REAL_IP: realIpLines(options.trustedProxies ?? []),
    EDGE_PUBLIC_HOST: publicHost,
    EDGE_CONTENT_SECURITY_POLICY: contentSecurityPolicy(publicHost),
    EDGE_STRICT_TRANSPORT: strictTransport(publicHost),
    EDGE_CERTIFICATES: resolve(options.certificates),
    EDGE_CONSOLE: resolve(options.consoleRoot),
    EDGE_ACCESS_LOG: options.accessLog ?? '/dev/stdout',
    EDGE_AUTH: options.upstreams.auth,
    EDGE_SECRETS: options.upstreams.secrets,
    EDGE_INCIDENTS: options.upstreams.incidents,
    EDGE_CHAT: options.upstreams.chat,
    EDGE_REQUESTS_PER_SECOND: String(options.limits?.requestsPerSecond ?? 300),
    EDGE_BURST: String(options.limits?.burst ?? 600),
    EDGE_CONNECTIONS: String(options.limits?.connections ?? 4000),
    EDGE_HEADER_SECONDS: String(options.patience?.header ?? 10),
    EDGE_BODY_SECONDS: String(options.patience?.body ?? 10),
    EDGE_SERVICE_SECONDS: String(options.patience?.service ?? 30),
    EDGE_AUTH_SECONDS: String(options.patience?.auth ?? 5)
  }
}

/** Fills `${EDGE_…}`. A value that could end a directive or open a block would be a second configuration, so it is refused. */
function fill (template: string, values: Record<string, string>, name: string): string {
  return template.replace(/\$\{(EDGE_[A-Z_]+)\}/g, (_, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`infra/nginx/conf/${name} asks for ${key}, which nobody gives`)
    if (!composed.has(key) && /[\s;{}"'$\\]/.test(value)) throw new Error(`${key} can not be ${JSON.stringify(value)}: nginx would read it as more than one word`)
    return value
  })
}

/** Made of whole directives or quoted text by directives.ts, which checks its own parts. */
const composed = new Set(['EDGE_USER', 'EDGE_KEEPALIVE_MINIMUM', 'EDGE_LISTEN', 'EDGE_REAL_IP', 'EDGE_CONTENT_SECURITY_POLICY'])
