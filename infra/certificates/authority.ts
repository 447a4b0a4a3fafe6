import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { exportKey, importKey, newKeys } from './keys.ts'
import { nameConstraints } from './name-constraints.ts'

/**
 * A certificate authority of ours: its certificate and the pair that signs. It signs leaves only (path length 0).
 */
export interface Authority {
  certificate: x509.X509Certificate
  keys: webcrypto.CryptoKeyPair
}

export interface AuthorityOptions {
  name: string
  days?: number
  notBefore?: Date
  /** The only hosts it may sign for. Without it a stolen key of a CA that people trust would speak for every site. */
  hosts?: string[]
}

export const day = 24 * 60 * 60 * 1000

export async function newAuthority ({ name, days = 3650, notBefore = new Date(), hosts }: AuthorityOptions): Promise<Authority> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    notBefore,
    notAfter: new Date(notBefore.getTime() + days * day),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...hosts === undefined ? [] : [nameConstraints(hosts)]
    ]
  })
  return { certificate, keys }
}

/** The two files in which an authority is kept. */
export async function writeAuthority ({ certificate, keys }: Authority): Promise<{ cert: string, key: string }> {
  return { cert: pem(certificate), key: await exportKey(keys.privateKey) }
}

/** Throws when the key is not the certificate's, or either does not parse. */
export async function readAuthority ({ cert, key }: { cert: string, key: string }): Promise<Authority> {
  const certificate = new x509.X509Certificate(cert)
  const keys = await importKey(key)
  if (!Buffer.from(await webcrypto.subtle.exportKey('spki', keys.publicKey)).equals(Buffer.from(certificate.publicKey.rawData))) {
    throw new Error('The key of the certificate authority does not belong to its certificate.')
  }
  return { certificate, keys }
}

export const pem = (certificate: x509.X509Certificate): string => certificate.toString('pem') + '\n'
