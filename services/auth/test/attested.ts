import { isoCBOR } from '@simplewebauthn/server/helpers'
import * as x509 from '@peculiar/x509'
import { createHash, webcrypto } from 'node:crypto'
import type { Authenticator } from './authenticator.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const der = (tag: number, ...content: Buffer[]) => Buffer.concat([Buffer.from([tag, Buffer.concat(content).length]), ...content])
const number = (tag: number) => der(tag, Buffer.from([1]))

/** A new passkey as an Android of the attacker's own make would attest it: by certificates of a root that nobody knows, which name `crl` as the list of what is revoked. */
export async function attested (made: ReturnType<Authenticator['create']>, key: Authenticator, crl: string) {
  const { clientDataJSON, attestationObject } = made.response as { clientDataJSON: string, attestationObject: string }
  const challenge = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest()
  const description = der(0x30, number(2), number(10), number(2), number(10), der(4, challenge), der(4), der(0x30), der(0x30))
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as webcrypto.CryptoKeyPair
  const root = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=Nobody', keys, signingAlgorithm: algorithm })
  const leaf = await x509.X509CertificateGenerator.create({
    subject: 'CN=Passkey',
    issuer: root.subject,
    publicKey: new x509.PublicKey(key.publicKey.export({ type: 'spki', format: 'der' })),
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.CRLDistributionPointsExtension([crl]), new x509.Extension('1.3.6.1.4.1.11129.2.1.17', false, description)]
  })
  const attestation = new Map<string, unknown>(isoCBOR.decodeFirst<Map<string, unknown>>(new Uint8Array(Buffer.from(attestationObject, 'base64url'))))
  attestation.set('fmt', 'android-key')
  attestation.set('attStmt', new Map<string, unknown>([['alg', -7], ['sig', new Uint8Array(70)], ['x5c', [leaf, root].map(({ rawData }) => new Uint8Array(rawData))]]))
  return { ...made, response: { ...made.response, attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url') } }
}
