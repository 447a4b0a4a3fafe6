import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConnectionOptions, PeerCertificate } from 'node:tls'
import { peerOfSubjectAltName, type PeerName } from '#shared/peers'

/** How an operator's command meets a peer of the inside: with the certificate in this folder, and the other side must be who it is meant to be. */
export function operatorTls (directory: string, peer: PeerName): ConnectionOptions {
  const [cert, key, ca] = ['cert.pem', 'key.pem', 'ca.pem'].map(name => readFileSync(join(directory, name), 'utf8'))
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
