import ipaddr from 'ipaddr.js'

/** What one customer of a provider holds: an IPv4 address, or the /64 of an IPv6 one, in which single addresses are free for an attacker. */
export function networkOf (address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${(parsed as ipaddr.IPv6).parts.slice(0, 4).map(part => part.toString(16)).join(':')}::/64`
}
