/**
 * Who exists on the inside. A peer is its certificate's one URI SAN; nothing else in a certificate, no header and no address says who is calling.
 */
export const services = ['auth', 'secrets', 'incidents', 'chat'] as const
export const peers = [...services, 'edge', 'postgres', 'valkey-state', 'valkey-cache', 'vault', 'setup'] as const

export type ServiceName = typeof services[number]
export type PeerName = typeof peers[number]

const prefix = 'spiffe://aurora/'

/**
 * The peer that a `subjectAltName` text of Node's TLS names, or null. Exactly one URI and exactly a known name:
 * a certificate with two URIs could be two peers at once, so it is none.
 * Node quotes entries that hold a comma or quote; such a name is not one of ours and is refused with the rest.
 */
export function peerOfSubjectAltName (subjectAltName: string | undefined): PeerName | null {
  if (subjectAltName === undefined) return null
  const uris = subjectAltName.split(', ').filter(entry => /^"?URI:/i.test(entry))
  const [uri] = uris
  if (uris.length !== 1 || uri === undefined || !uri.startsWith(`URI:${prefix}`)) return null
  const name = uri.slice('URI:'.length + prefix.length)
  return peers.find(peer => peer === name) ?? null
}
