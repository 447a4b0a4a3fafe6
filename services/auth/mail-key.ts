import type { OwnSecrets } from '#shared/own-secrets'

/** The key that seals the mail which waits to be sent. Throws at start what would otherwise fail with each message. */
export function readMailKey (secrets: OwnSecrets): Buffer {
  const key = Buffer.from(secrets['mailKey'] ?? '', 'base64')
  if (key.length !== 32) throw new Error('mailKey: it must be 32 bytes in base64')
  return key
}
