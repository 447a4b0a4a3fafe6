import { VaultFailure } from './failure.ts'
import { fieldsOf, textOf } from './responses.ts'
import type { Authorised } from './vault.ts'

/** Vault's encryption as a service: keys that never leave it. */
export interface Transit {
  /** A new 256-bit key: in clear for memory, and wrapped for storage. */
  dataKey: (name: string) => Promise<{ plain: Buffer, wrapped: string }>
  decrypt: (name: string, wrapped: string) => Promise<Buffer>
  /** Bound to the text `about` (associated data of AES-GCM): it opens with the same text only. */
  seal: (name: string, plain: Buffer, about: string) => Promise<string>
  /** Throws an `invalid` failure for what was sealed about something else. */
  open: (name: string, sealed: string, about: string) => Promise<Buffer>
  /** Signatures `vault:v<version>:<base64>` with an Ed25519 key, in the order of what was given. */
  sign: (name: string, texts: Buffer[]) => Promise<Signature[]>
}

export interface Signature {
  signature: string
  keyVersion: number
}

export function createTransit (authorised: Authorised, mount: string): Transit {
  const post = (path: string, body: Record<string, unknown>) =>
    authorised((transport, token) => transport.post(token, `${mount}/${path}`, body))

  return {
    async dataKey (name) {
      const answer = await post(`datakey/plaintext/${name}`, { bits: 256 })
      return { plain: Buffer.from(textOf(answer.plaintext), 'base64'), wrapped: textOf(answer.ciphertext) }
    },
    async decrypt (name, wrapped) {
      return Buffer.from(textOf((await post(`decrypt/${name}`, { ciphertext: wrapped })).plaintext), 'base64')
    },
    async seal (name, plain, about) {
      return textOf((await post(`encrypt/${name}`, { plaintext: plain.toString('base64'), associated_data: Buffer.from(about).toString('base64') })).ciphertext)
    },
    async open (name, sealed, about) {
      return Buffer.from(textOf((await post(`decrypt/${name}`, { ciphertext: sealed, associated_data: Buffer.from(about).toString('base64') })).plaintext), 'base64')
    },
    async sign (name, texts) {
      const { batch_results: results } = await post(`sign/${name}`, { batch_input: texts.map(text => ({ input: text.toString('base64') })) })
      if (!Array.isArray(results) || results.length !== texts.length) throw new VaultFailure('invalid')
      return results.map(result => {
        const signature = textOf(fieldsOf(result).signature)
        return { signature, keyVersion: Number(/^vault:v(\d+):/.exec(signature)?.[1] ?? 1) }
      })
    }
  }
}
