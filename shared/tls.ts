import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, watch } from 'node:fs'
import { join } from 'node:path'

/**
 * A peer's own certificate. The folder is watched (in Kubernetes it is a mounted secret, at home `.aurora/certificates/<peer>`), and each change that
 * holds together is a new generation. Servers take it for new connections, clients build new pools; nothing is restarted.
 */
export interface Identity {
  generation: number
  cert: string
  key: string
  ca: string
  /** RFC 8705 x5t#S256 of the certificate. */
  thumbprint: string
  expires: Date
}

export interface IdentityWatch {
  current: () => Identity
  /** Calls back with each new generation; returns how to stop that. */
  onChange: (listener: (identity: Identity) => void) => () => void
  close: () => void
}

export const thumbprintOf = (der: Buffer): string => createHash('sha256').update(der).digest('base64url')

/** Reads cert.pem, key.pem and ca.pem. Throws when the key is not the certificate's: then a rotation is half done. */
export function readIdentity (directory: string, generation = 1): Identity {
  const [cert, key, ca] = ['cert.pem', 'key.pem', 'ca.pem'].map(name => readFileSync(join(directory, name), 'utf8')) as [string, string, string]
  const certificate = new X509Certificate(cert)
  if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new Error(`${directory}: key.pem does not belong to cert.pem`)
  return { generation, cert, key, ca, thumbprint: thumbprintOf(certificate.raw), expires: new Date(certificate.validTo) }
}

export function watchIdentity (directory: string, onError: (error: unknown) => void): IdentityWatch {
  let identity = readIdentity(directory)
  const listeners = new Set<(identity: Identity) => void>()
  let pending: NodeJS.Timeout | undefined

  function reread () {
    try {
      const next = readIdentity(directory, identity.generation + 1)
      if (next.cert === identity.cert && next.key === identity.key && next.ca === identity.ca) return
      identity = next
      for (const listener of listeners) listener(identity)
    } catch (error) {
      onError(error)
    }
  }

  // Three files change one after another: the last change within a moment reads all of them.
  const watcher = watch(directory, () => {
    clearTimeout(pending)
    pending = setTimeout(reread, 100)
  })
  watcher.on('error', onError)
  // Where a file system reports no changes (some network mounts), the clock finds them.
  const clock = setInterval(reread, 30_000).unref()

  return {
    current: () => identity,
    onChange (listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close () {
      watcher.close()
      clearInterval(clock)
      clearTimeout(pending)
      listeners.clear()
    }
  }
}
