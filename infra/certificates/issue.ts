import 'reflect-metadata'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'
import { day, pem, type Authority } from './authority.ts'
import { exportKey, newKeys } from './keys.ts'

export interface Leaf {
  cert: string
  key: string
}

export interface PeerOptions {
  ca: Authority
  /** The peer: its DNS name, and its URI SAN unless `uri` says otherwise. */
  name: string
  /** URI SANs in its place. Several, or a foreign one, is what tests send to be refused. */
  uri?: string | string[]
  days?: number
  /** An expired leaf is one that begins long ago. */
  notBefore?: Date
  commonName?: string
}

/** Half an hour, for clocks that do not agree. */
const skew = 30 * 60 * 1000
export const peerDays = 30

export const peerUri = (name: string): string => `spiffe://aurora/${name}`

/**
 * A leaf for one peer of the inside: server and client at once. Who it is says its URI SAN alone; the common name is the role that PostgreSQL expects of
 * the certificate beside the password (`clientcert=verify-full`).
 */
export async function issuePeer ({ ca, name, uri = peerUri(name), days = peerDays, notBefore, commonName = `aurora_${name}` }: PeerOptions): Promise<Leaf> {
  return issue({ ca, commonName, days, notBefore, purposes: [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth] }, [
    ...[uri].flat().map(value => ({ type: 'url' as const, value })),
    ...[name, 'localhost'].map(value => ({ type: 'dns' as const, value })),
    { type: 'ip', value: '127.0.0.1' }
  ])
}

export interface PublicOptions {
  ca: Authority
  hosts: string[]
  days?: number
  notBefore?: Date
}

/** The leaf that browsers see. Not for clients: it would be worth nothing inside anyway, since another CA signs it. */
export async function issuePublic ({ ca, hosts, days = 90, notBefore }: PublicOptions): Promise<Leaf> {
  const names = hosts.map(value => ({ type: isIP(value) === 0 ? 'dns' as const : 'ip' as const, value }))
  return issue({ ca, commonName: hosts[0] ?? 'localhost', days, notBefore, purposes: [x509.ExtendedKeyUsage.serverAuth] }, names)
}

interface Issue {
  ca: Authority
  commonName: string
  days: number
  notBefore?: Date | undefined
  purposes: x509.ExtendedKeyUsage[]
}

async function issue ({ ca, commonName, days, notBefore = new Date(Date.now() - skew), purposes }: Issue, names: x509.JsonGeneralNames): Promise<Leaf> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [commonName] }],
    issuer: ca.certificate.subjectName,
    publicKey: keys.publicKey,
    signingKey: ca.keys.privateKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    notBefore,
    // A leaf that outlives its CA fails on a day nobody expects.
    notAfter: new Date(Math.min(notBefore.getTime() + days * day, ca.certificate.notAfter.getTime())),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(purposes),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate)
    ]
  })
  return { cert: pem(certificate), key: await exportKey(keys.privateKey) }
}
