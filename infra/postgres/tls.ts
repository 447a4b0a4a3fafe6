import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConnectionOptions, PeerCertificate } from 'node:tls'
import { peerOfSubjectAltName, type PeerName } from '#shared/peers'

/**
 * How an operator's command meets a server: with the certificate in this folder, and the other side must be the peer it is meant to be. A server that somebody else
 * runs has another authority (`caFile`) and no name of ours: then the address must be the one its certificate names.
 */
export function operatorTls (directory: string, peer: PeerName, caFile?: string): ConnectionOptions {
  const [cert, key, ca] = ['cert.pem', 'key.pem', 'ca.pem'].map(name => readFileSync(join(directory, name), 'utf8'))
  if (caFile !== undefined) return { cert, key, ca: readFileSync(caFile, 'utf8'), minVersion: 'TLSv1.2' }
  return {
    cert,
    key,
    ca,
    servername: peer,
    minVersion: 'TLSv1.3',
    checkServerIdentity (_host: string, certificate: PeerCertificate) {
      return peerOfSubjectAltName(certificate.subjectaltname) === peer ? undefined : new Error(`The server is not ${peer}.`)
    }
  }
}
