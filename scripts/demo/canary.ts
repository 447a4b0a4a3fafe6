import { generateKeyPairSync, randomBytes } from 'node:crypto'

/** A secret that nobody else has, to be looked for wherever it must not be. */
export interface Canary {
  values: Record<string, string>
  /** The pieces that give it away: its own words, in the encodings that a careless store would use. */
  traces: Buffer[]
}

/** The key file of a Google service account that opens nothing. */
export function gcpCanary (): Canary {
  const mark = randomBytes(20).toString('hex')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const serviceAccountJson = JSON.stringify({
    type: 'service_account',
    project_id: 'aurora-demo',
    private_key_id: mark,
    private_key: pem,
    client_email: 'demo@aurora-demo.iam.gserviceaccount.com'
  })
  return { values: { serviceAccountJson }, traces: [...tracesOf(mark), Buffer.from(pem.split('\n')[10] ?? pem)] }
}

export function modelKeyCanary (): Canary {
  const apiKey = `sk-${randomBytes(24).toString('hex')}`
  return { values: { apiKey, baseUrl: 'https://model.invalid/v1', model: 'demo' }, traces: tracesOf(apiKey) }
}

/** In base64 a text looks different at each of three offsets; its inner part is the same whatever stands around it. */
function tracesOf (text: string): Buffer[] {
  const encoded = [0, 1, 2].map(offset => Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString('base64').slice(4, -4))
  return [text, Buffer.from(text).toString('hex'), ...encoded].map(trace => Buffer.from(trace))
}
