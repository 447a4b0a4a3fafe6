import type { Peers } from '#shared/client'

/** What Vault binds a seed to: moved to another row, it opens no more. */
const about = (person: string, factor: string) => `totp:${person}:${factor}`

/** Throws `unavailable` while Vault or `secrets` is: nobody is let in without the factor. */
export async function sealSeed (peers: Peers, person: string, factor: string, seed: Buffer): Promise<string> {
  const body = { about: about(person, factor), value: seed.toString('base64url') }
  return (await peers.json<{ sealed: string }>('secrets', { method: 'POST', path: '/internal/services/auth/sealed-values', body, timeout: 3_000 })).sealed
}

export async function openSeed (peers: Peers, person: string, factor: string, sealed: string): Promise<Buffer> {
  const body = { about: about(person, factor), sealed }
  return Buffer.from((await peers.json<{ value: string }>('secrets', { method: 'POST', path: '/internal/services/auth/opened-values', body, timeout: 3_000 })).value, 'base64url')
}
