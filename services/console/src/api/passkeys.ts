import { browserSupportsWebAuthn, startAuthentication, startRegistration, WebAuthnError, type PublicKeyCredentialCreationOptionsJSON, type PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser'
import { ask, askOnce } from './client.ts'
import { problem } from './problem.ts'

/** Whether this browser knows passkeys at all. */
export const knowsPasskeys = browserSupportsWebAuthn

/** What a passkey signed for the route `path`, which says what to ask it for. Throws a `Problem`, also when the person changed their mind. */
export async function signedByPasskey (path: string) {
  const optionsJSON = await askOnce<PublicKeyCredentialRequestOptionsJSON>('POST', `${path}/options`)
  return await startAuthentication({ optionsJSON }).catch(inWords)
}

export async function loginWithPasskey (): Promise<void> {
  const path = '/api/auth/login/passkey'
  await ask('POST', path, { passkey: await signedByPasskey(path) })
}

export async function addPasskey (label: string): Promise<{ recoveryCodes: string[] }> {
  const path = '/api/auth/factors/passkey'
  const optionsJSON = await ask<PublicKeyCredentialCreationOptionsJSON>('POST', `${path}/options`)
  return await ask('POST', path, { label, passkey: await startRegistration({ optionsJSON }).catch(inWords) })
}

/** Browsers say little on purpose, so that a page does not learn which passkeys there are. */
function inWords (error: unknown): never {
  if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED') {
    throw problem({ title: 'This device holds a passkey of yours already', detail: 'Choose another device, or remove the one that is in the list first.' })
  }
  if (error instanceof WebAuthnError || error instanceof DOMException) {
    throw problem({ title: 'No passkey was used', detail: 'It was cancelled, took too long, or there is none here for Aurora. A browser that does not trust Aurora’s certificate refuses passkeys too.' })
  }
  throw error
}
