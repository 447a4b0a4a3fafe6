import { createHash, createHmac } from 'node:crypto'

export interface SignedGet {
  host: string
  /** Sorted and encoded. */
  query: string
  region: string
  service: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
  now?: Date
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Headers of a signed GET of `/` without a body. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function signedHeaders ({ host, query, region, service, accessKeyId, secretAccessKey, sessionToken, now = new Date() }: SignedGet): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const headers: Record<string, string> = { host, 'x-amz-date': time, ...sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken } }
  const names = Object.keys(headers).join(';')
  const request = ['GET', '/', query, ...Object.entries(headers).map(([name, value]) => `${name}:${value}`), '', names, hash('')].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const key = [day, region, service, 'aws4_request'].reduce(mac, Buffer.from(`AWS4${secretAccessKey}`))
  const signature = mac(key, ['AWS4-HMAC-SHA256', time, scope, hash(request)].join('\n')).toString('hex')
  return { ...headers, authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}` }
}
