import { join } from 'node:path'
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { peers } from '#shared/peers'
import { newAuthority, readAuthority, writeAuthority, type Authority, type AuthorityOptions } from './authority.ts'
import { privateFolder, readIfThere, writePrivate } from './files.ts'
import { issuePeer, issuePublic, type Leaf } from './issue.ts'

export interface CertificateOptions {
  /** Hosts of the browser-facing address. */
  hosts: string[]
  /** The day it is, for tests of renewal. */
  now?: Date
}

/**
 * Makes what is missing and renews what has less than a third of its life left, of two authorities: one signs peers of the inside and nothing else, the other
 * the address that browsers see. Everything else stays as it is, so it can be run at every start and once a day.
 * Returns the names of what it wrote.
 */
export async function ensureCertificates (directory: string, { hosts, now = new Date() }: CertificateOptions): Promise<string[]> {
  const written: string[] = []
  await privateFolder(directory)

  const inside = await ensureAuthority(join(directory, 'ca'), { name: 'Aurora peers' }, written)
  for (const name of peers) {
    await ensureLeaf(join(directory, name), inside, now, () => true, () => issuePeer({ ca: inside, name, notBefore: start(now) }), written, name)
  }

  const outside = await ensureAuthority(join(directory, 'public-ca'), { name: 'Aurora at this address', hosts }, written)
  await ensureLeaf(join(directory, 'public'), outside, now, certificate => hosts.every(host => names(certificate, host)),
    () => issuePublic({ ca: outside, hosts, notBefore: start(now) }), written, 'public')
  return written
}

const start = (now: Date): Date => new Date(now.getTime() - 30 * 60 * 1000)

const names = (certificate: X509Certificate, host: string): boolean => (certificate.checkHost(host) ?? certificate.checkIP(host)) !== undefined

/** The authority in a folder. One that was made for other hosts is replaced, since its constraints forbid the new ones. */
async function ensureAuthority (folder: string, options: AuthorityOptions, written: string[]): Promise<Authority> {
  const [cert, key, hosts] = await Promise.all(['cert.pem', 'key.pem', 'hosts'].map(name => readIfThere(join(folder, name))))
  const wanted = (options.hosts ?? []).join('\n')
  const covered = (options.hosts ?? []).every(host => (hosts ?? '').split('\n').includes(host))
  if (typeof cert === 'string' && typeof key === 'string' && covered) return readAuthority({ cert, key })
  if (typeof cert === 'string' && typeof key !== 'string') throw new Error(`The key of the certificate authority is missing in ${folder}: put it back, or remove the folder ${folder} to begin with a new authority.`)

  const authority = await newAuthority(options)
  const files = await writeAuthority(authority)
  // The certificate is last: an authority counts as made when it is there.
  await writePrivate(join(folder, 'hosts'), wanted)
  await writePrivate(join(folder, 'key.pem'), files.key)
  await writePrivate(join(folder, 'cert.pem'), files.cert)
  written.push(options.name)
  return authority
}

async function ensureLeaf (folder: string, ca: Authority, now: Date, fits: (certificate: X509Certificate) => boolean, issue: () => Promise<Leaf>, written: string[], name: string): Promise<void> {
  const authority = ca.certificate.toString('pem') + '\n'
  const [cert, key, present] = await Promise.all(['cert.pem', 'key.pem', 'ca.pem'].map(file => readIfThere(join(folder, file))))
  const kept = typeof cert === 'string' && typeof key === 'string' && usable(cert, key, authority, now, fits)
  if (kept && present === authority) return

  if (present !== authority) await writePrivate(join(folder, 'ca.pem'), authority)
  if (kept) return
  const leaf = await issue()
  // Between the two renames the pair does not fit: readers see that (shared/tls.ts) and wait for the second.
  await writePrivate(join(folder, 'key.pem'), leaf.key)
  await writePrivate(join(folder, 'cert.pem'), leaf.cert)
  written.push(name)
}

/** Signed by this authority, belonging to its key, naming what it must, and with a third of its life ahead. What does not parse is not usable. */
function usable (cert: string, key: string, ca: string, now: Date, fits: (certificate: X509Certificate) => boolean): boolean {
  try {
    const certificate = new X509Certificate(cert)
    const begin = Date.parse(certificate.validFrom)
    const end = Date.parse(certificate.validTo)
    return certificate.checkPrivateKey(createPrivateKey(key)) &&
      certificate.verify(new X509Certificate(ca).publicKey) &&
      fits(certificate) &&
      end - now.getTime() >= (end - begin) / 3
  } catch {
    return false
  }
}
