import { createPrivateKey, sign } from 'node:crypto'
import { Type } from 'typebox'
import type { FieldError } from '#shared/errors'
import { closed } from '#shared/schemas'
import type { Provider, Values } from './provider.ts'

export const gcp: Provider = {
  name: 'gcp',
  title: 'Google Cloud',
  schema: closed({
    serviceAccountJson: Type.String({ minLength: 2, maxLength: 16_384, description: 'The key file of a service account, as downloaded (JSON)' })
  }),
  check: values => checkServiceAccount(values),
  labels: (values): Record<string, string> => {
    const project = fieldsOf(values).project_id
    return typeof project === 'string' ? { project } : {}
  },
  // The assertion of RFC 7523, for a token that is thrown away: https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
  trial: values => ({
    address: tokenUri,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertionOf(fieldsOf(values)) }).toString(),
    means: ({ status, json }) => status === 200 && typeof json.access_token === 'string' ? 'works' : (status === 400 || status === 401) && (json.error === 'invalid_grant' || json.error === 'invalid_client') ? 'refused' : undefined
  })
}

function assertionOf ({ client_email: issuer, private_key: key, private_key_id: id }: Record<string, unknown>): string {
  const now = Math.floor(Date.now() / 1_000)
  const header = { alg: 'RS256', typ: 'JWT', ...typeof id === 'string' ? { kid: id } : {} }
  const claims = { iss: issuer, scope: 'https://www.googleapis.com/auth/cloud-platform.read-only', aud: tokenUri, iat: now, exp: now + 300 }
  const content = [header, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${content}.${sign('RSA-SHA256', Buffer.from(content), String(key)).toString('base64url')}`
}

const path = '/values/serviceAccountJson'

// Google's own rule for project ids, old ones with a domain included.
const projectId = /^([a-z0-9.-]{1,100}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/
const clientEmail = /^[a-z0-9-]{1,64}@[a-z0-9.:-]{1,200}\.gserviceaccount\.com$/

const tokenUri = 'https://oauth2.googleapis.com/token'
const tokenUris = [tokenUri, 'https://accounts.google.com/o/oauth2/token']

/** https://developers.google.com/identity/protocols/oauth2/service-account  Each message names a field and repeats nothing: the text of a JSON error would quote the key. */
function checkServiceAccount (values: Values): FieldError[] {
  const key = fieldsOf(values)
  const wrong: FieldError[] = []
  const refuse = (message: string) => { wrong.push({ path, message }) }
  if (Object.keys(key).length === 0) return [{ path, message: 'is not the JSON of a key file' }]
  if (key.type !== 'service_account') refuse('type must be "service_account"')
  if (typeof key.project_id !== 'string' || !projectId.test(key.project_id)) refuse('project_id is missing or malformed')
  if (typeof key.client_email !== 'string' || !clientEmail.test(key.client_email)) refuse('client_email is missing or malformed')
  if (!isPrivateKey(key.private_key)) refuse('private_key is missing, or not a private key in PEM')
  // Libraries send what they sign to the address that the file names.
  if (key.token_uri !== undefined && !tokenUris.some(uri => uri === key.token_uri)) refuse('token_uri is not Google\'s')
  if (key.universe_domain !== undefined && key.universe_domain !== 'googleapis.com') refuse('universe_domain is not googleapis.com')
  return wrong
}

function fieldsOf (values: Values): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(values.serviceAccountJson ?? '')
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed as Record<string, unknown> : {}
  } catch {
    return {}
  }
}

/** A key that was cut off while copying is found here, not in the middle of an incident. */
function isPrivateKey (pem: unknown): boolean {
  if (typeof pem !== 'string') return false
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}
