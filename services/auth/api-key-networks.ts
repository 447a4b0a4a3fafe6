import ipaddr from 'ipaddr.js'
import { invalid } from '#shared/errors'

/**
 * The networks that a key works from, as PostgreSQL's `cidr` takes them: `203.0.113.7` is a network of one, and bits behind the prefix are cleared. Throws
 * `validation` for what is none. `::ffff:0:0/96` is refused, since addresses of that form are compared as the IPv4 ones that they are.
 */
export const networksOf = (texts: string[], path: string): string[] => [...new Set(texts.map((text, index) => networkOf(text.trim(), `${path}/${index}`)))]

function networkOf (text: string, path: string): string {
  const wrong = () => invalid([{ path, message: 'must be an address or a network such as 203.0.113.0/24' }])
  const whole = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`
  if (!ipaddr.isValidCIDR(whole) || text.includes('%')) throw wrong()
  const [address, bits] = ipaddr.parseCIDR(whole)
  if (address.kind() === 'ipv4') {
    // Short and octal forms mean different addresses to different readers.
    if (!/^\d{1,3}(\.\d{1,3}){3}\//.test(whole) || /(^|\.)0\d/.test(whole)) throw wrong()
    return `${ipaddr.IPv4.networkAddressFromCIDR(whole).toString()}/${bits}`
  }
  if ((address as ipaddr.IPv6).isIPv4MappedAddress()) throw wrong()
  return `${ipaddr.IPv6.networkAddressFromCIDR(whole).toString()}/${bits}`
}

/** An address as it is compared with them. */
export const plainAddress = (ip: string): string | null => ipaddr.isValid(ip) ? ipaddr.process(ip.split('%')[0] ?? '').toString() : null
