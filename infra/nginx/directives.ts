import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** nginx's workers become `nobody` under a master of root, and could then not read folders of mode 0700. */
export function userLine (): string {
  if (process.getuid?.() !== 0) return ''
  return process.platform === 'darwin' ? 'user root wheel;' : 'user root;'
}

/** A worker may open what the hard limit allows; asking for more fails. Where the limit can not be read, a modest number. */
export function openFiles (): number {
  try {
    const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return Math.min(65_536, Number(hard ?? 65_536))
  } catch {
    return 10_240
  }
}

/**
 * A reload would close every idle connection at once, also the one on which a client is just sending. Since 1.27.4 nginx can let them be for a
 * while, so that a renewed certificate costs nobody a request.
 */
export function keepaliveMinimumLine (nginx: string): string {
  const { stderr } = spawnSync(nginx, ['-v'], { encoding: 'utf8' })
  const [major = 0, minor = 0, patch = 0] = /nginx\/(\d+)\.(\d+)\.(\d+)/.exec(stderr ?? '')?.slice(1).map(Number) ?? []
  return major * 1e6 + minor * 1e3 + patch >= 1_027_004 ? 'keepalive_min_timeout 1s;' : ''
}

export function listenLines (hosts: string[], port: number): string {
  for (const host of hosts) if (isIP(host) === 0) throw new Error(`The edge listens on addresses, not on ${JSON.stringify(host)}`)
  // A machine may have no IPv6 at all.
  const there = hosts.filter(host => host !== '::1' || hasLoopback6())
  return there.map(host => `    listen ${isIP(host) === 6 ? `[${host}]` : host}:${port} ssl default_server${host === '::' ? ' ipv6only=off' : ''};`).join('\n')
}

const hasLoopback6 = () => Object.values(networkInterfaces()).flat().some(entry => entry?.address === '::1')

/** Without a trusted proxy nobody's X-Forwarded-For is believed. */
export function realIpLines (trusted: string[]): string {
  if (trusted.length === 0) return ''
  for (const cidr of trusted) {
    const [address = '', bits = '0', ...rest] = cidr.split('/')
    if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits) || rest.length > 0) throw new Error(`A trusted proxy is an address or a CIDR, not ${JSON.stringify(cidr)}`)
  }
  return [...trusted.map(cidr => `set_real_ip_from ${cidr};`), 'real_ip_header X-Forwarded-For;', 'real_ip_recursive on;']
    .map(line => `  ${line}`).join('\n')
}

/** For the console's pages. `'self'` does not cover wss: in every browser, so the socket's origin is named. */
export function contentSecurityPolicy (publicHost: string): string {
  if (!/^[\w.:[\]-]+$/.test(publicHost)) throw new Error(`The public host can not be ${JSON.stringify(publicHost)}`)
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' wss://${publicHost}`,
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'"
  ].join('; ')
}

/**
 * A browser would hold `localhost` to https on every port, other people's servers included, and ignores it for addresses; nginx sends no
 * header whose value is empty. Not for subdomains: they may belong to somebody else.
 */
export function strictTransport (publicHost: string): string {
  const { hostname } = new URL(`https://${publicHost}`)
  return hostname === 'localhost' || hostname.startsWith('[') || isIP(hostname) !== 0 ? '' : 'max-age=63072000'
}
