import { isIP } from 'node:net'
import { StartFailure } from './failure.ts'

/**
 * Where the public port is opened: on this machine alone until the operator names an address, since before the first owner is set up nobody else has
 * any business here. The loopback always belongs to it: the commands of this machine ask there.
 */
export function listenHosts (environment: NodeJS.ProcessEnv): string[] {
  const host = environment['LISTEN_HOST'] ?? ''
  if (host === '' || host === 'localhost') return ['127.0.0.1', '::1']
  if (isIP(host) === 0) throw new StartFailure(`LISTEN_HOST is "${host}": give an address of this machine, or 0.0.0.0 for all of them.`)
  // One socket of both families, which holds the loopbacks too.
  return host === '::' ? ['::'] : [...new Set(['127.0.0.1', '::1', host])]
}

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
