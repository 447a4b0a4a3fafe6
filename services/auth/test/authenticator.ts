import { isoCBOR } from '@simplewebauthn/server/helpers'
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

interface Options { challenge: string, rpId?: string, rp?: { id: string }, user?: { id: string } }
/** What an attacker, or a browser that is deceived, makes different. */
interface Twist { origin?: string, rpId?: string, challenge?: string, type?: string, verified?: boolean, count?: number, userHandle?: string, signature?: Buffer, crossOrigin?: boolean }

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest()
const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * An authenticator in software (WebAuthn Level 3, §6), with one discoverable ES256 key: what a browser would hand on. The real thing is driven in the console's
 * tests; this one lies where a test asks it to.
 */
export function authenticator (origin: string, credential = randomBytes(32)) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  let count = 0
  let userHandle = ''

  const dataOf = (rpId: string, flags: number, counter: number) => {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(counter)
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), number])
  }
  const clientDataOf = (type: string, { challenge }: Options, twist: Twist) =>
    json({ type: twist.type ?? type, challenge: twist.challenge ?? challenge, origin: twist.origin ?? origin, crossOrigin: twist.crossOrigin ?? false })
  const answer = (response: Record<string, unknown>) => ({ id: credential.toString('base64url'), rawId: credential.toString('base64url'), type: 'public-key', clientExtensionResults: {}, authenticatorAttachment: 'platform', response })

  return {
    credential: credential.toString('base64url'),
    publicKey,
    /** `navigator.credentials.create()` */
    create (options: Options, twist: Twist = {}) {
      userHandle = options.user?.id ?? ''
      const cose = new Map<number, number | Uint8Array>([[1, 2], [3, -7], [-1, 1], [-2, new Uint8Array(Buffer.from(String(x), 'base64url'))], [-3, new Uint8Array(Buffer.from(String(y), 'base64url'))]])
      const length = Buffer.alloc(2)
      length.writeUInt16BE(credential.length)
      const authData = Buffer.concat([
        dataOf(twist.rpId ?? options.rp?.id ?? '', 0x41 | (twist.verified === false ? 0 : 0x04), twist.count ?? count),
        Buffer.alloc(16), length, credential, Buffer.from(isoCBOR.encode(cose))
      ])
      const attestation = new Map<string, unknown>([['fmt', 'none'], ['attStmt', new Map()], ['authData', new Uint8Array(authData)]])
      return answer({
        clientDataJSON: clientDataOf('webauthn.create', options, twist),
        attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
        transports: ['internal']
      })
    },
    /** `navigator.credentials.get()` */
    get (options: Options, twist: Twist = {}) {
      count = twist.count ?? count + 1
      const authenticatorData = dataOf(twist.rpId ?? options.rpId ?? '', 0x01 | (twist.verified === false ? 0 : 0x04), count)
      const clientDataJSON = clientDataOf('webauthn.get', options, twist)
      const signed = Buffer.concat([authenticatorData, sha256(Buffer.from(clientDataJSON, 'base64url'))])
      return answer({
        clientDataJSON,
        authenticatorData: authenticatorData.toString('base64url'),
        signature: (twist.signature ?? sign('sha256', signed, privateKey)).toString('base64url'),
        userHandle: twist.userHandle ?? userHandle
      })
    }
  }
}

export type Authenticator = ReturnType<typeof authenticator>
