import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'

/** What the token endpoint answers instead of a good answer. */
export interface Misbehaviour { status?: number, headers?: Record<string, string>, body?: unknown, text?: string, hang?: true, drip?: true }

interface Code { challenge: string, redirectUri: string, scope: string }

/**
 * A cloud: it allows what it is asked for, gives tokens for a code once, to the client and verifier that the code is for, and ends them when it is told to, by
 * RFC 7009 and as GitHub does. It renews what it gave, by RFC 6749 §6. A test may make it do what no provider should.
 */
export async function startCloud (port: number, client: { id: string, secret: string }) {
  const issuer = `http://127.0.0.1:${port}`
  const codes = new Map<string, Code>()
  const living = new Set<string>()
  const scopes = new Map<string, string>()
  const basic = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`

  const cloud = {
    issuer,
    endpoints: { issuer, authorize: `${issuer}/authorize`, token: `${issuer}/token`, revoke: `${issuer}/revoke` },
    /** GitHub has an address that its ways of ending begin with. */
    github: { issuer, authorize: `${issuer}/authorize`, token: `${issuer}/token`, revoke: issuer },
    /** Set, it is what the next answers of the token endpoint are. */
    misbehaviour: null as Misbehaviour | null,
    /** Changes a good answer. */
    change: (answer: Record<string, unknown>): Record<string, unknown> => answer,
    /** Status of whoever wants to end something; 0: by the rules. */
    revocationStatus: 0,
    /** Every token that was given out and has not been ended. */
    living,
    /** What was ended, as it was asked for. */
    revocations: [] as Array<{ path: string, token: string }>,
    exchanges: 0,
    /** Refresh tokens that were shown, in order. */
    renewals: [] as string[],
    /** Whether a refresh token works once, and its answer holds the next. */
    rotates: false,
    /** Stands between what the token endpoint did and its answer. */
    beforeAnswer: async (): Promise<void> => {},
    /** Tokens, as if somebody had allowed it. */
    give: (scope: string) => give(scope) as { access_token: string, refresh_token: string },

    /** What a browser does there: the person allows it. Answers where it is sent back to. */
    allow (location: string, { as = {}, scope }: { as?: Record<string, string>, scope?: string } = {}): URL {
      const asked = new URL(location).searchParams
      if (asked.get('client_id') !== client.id || asked.get('code_challenge_method') !== 'S256' || asked.get('response_type') !== 'code') throw new Error(`The cloud refuses ${location}`)
      const code = randomBytes(16).toString('hex')
      codes.set(code, { challenge: asked.get('code_challenge') ?? '', redirectUri: asked.get('redirect_uri') ?? '', scope: scope ?? asked.get('scope') ?? '' })
      const back = new URL(asked.get('redirect_uri') ?? '')
      for (const [name, value] of Object.entries({ code, state: asked.get('state') ?? '', iss: issuer, ...as })) if (value !== '') back.searchParams.set(name, value)
      return back
    },
    close: () => new Promise<void>(resolve => {
      http.close(() => resolve())
      http.closeAllConnections()
    })
  }

  function exchange (form: URLSearchParams): [number, Record<string, unknown>] {
    cloud.exchanges++
    if (form.get('client_id') !== client.id || form.get('client_secret') !== client.secret) return [401, { error: 'invalid_client' }]
    if (form.get('grant_type') === 'refresh_token') return renew(form.get('refresh_token') ?? '')
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url')
    if (code === undefined || code.challenge !== challenge || code.redirectUri !== form.get('redirect_uri')) return [400, { error: 'invalid_grant' }]
    return [200, give(code.scope)]
  }

  function give (scope: string): Record<string, unknown> {
    const answer = cloud.change({ access_token: `at-${randomBytes(20).toString('hex')}`, refresh_token: `rt-${randomBytes(20).toString('hex')}`, token_type: 'Bearer', expires_in: 3599, scope })
    for (const name of ['access_token', 'refresh_token']) if (typeof answer[name] === 'string') living.add(answer[name])
    if (typeof answer['refresh_token'] === 'string') scopes.set(answer['refresh_token'], scope)
    return answer
  }

  function renew (token: string): [number, Record<string, unknown>] {
    cloud.renewals.push(token)
    const scope = scopes.get(token)
    if (scope === undefined || !living.has(token)) return [400, { error: 'invalid_grant', error_description: `${token} has ended` }]
    const { refresh_token: next, ...answer } = give(scope)
    if (cloud.rotates) living.delete(token)
    else if (typeof next === 'string') living.delete(next)
    return [200, cloud.rotates ? { ...answer, refresh_token: next } : answer]
  }

  function end (path: string, token: string, extent: 'all' | 'one'): number {
    cloud.revocations.push({ path, token })
    if (cloud.revocationStatus !== 0) return cloud.revocationStatus
    if (!living.has(token)) return 404
    if (extent === 'all') living.clear()
    else living.delete(token)
    return 204
  }

  const http = createServer((incoming, outgoing) => {
    bodyOf(incoming).then(text => {
      const path = incoming.url ?? ''
      const json = (status: number, body: unknown) => status === 204 ? outgoing.writeHead(204).end() : outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      const { misbehaviour } = cloud
      if (path.startsWith('/authorize?')) return outgoing.writeHead(302, { location: cloud.allow(issuer + path).href }).end()
      if (path === '/token' && misbehaviour !== null) {
        cloud.exchanges++
        if (misbehaviour.drip === true) {
          const drop = setInterval(() => outgoing.write(' '), 200)
          outgoing.on('close', () => clearInterval(drop))
        } else if (misbehaviour.hang !== true) outgoing.writeHead(misbehaviour.status ?? 200, { 'content-type': 'application/json', ...misbehaviour.headers }).end(misbehaviour.text ?? JSON.stringify(misbehaviour.body))
        return
      }
      if (path === '/token') {
        const answer = exchange(new URLSearchParams(text))
        cloud.beforeAnswer().then(() => json(...answer), () => outgoing.destroy())
        return
      }
      if (path === '/revoke') {
        const status = end(path, new URLSearchParams(text).get('token') ?? '', 'all')
        return status === 404 ? json(400, { error: 'invalid_token' }) : json(status === 204 ? 200 : status, {})
      }
      const ended = /^\/applications\/([^/]+)\/(grant|token)$/.exec(path)
      if (ended === null || incoming.method !== 'DELETE') return json(404, {})
      if (incoming.headers.authorization !== basic || ended[1] !== client.id) return json(401, {})
      return json(end(path, (JSON.parse(text) as { access_token: string }).access_token, ended[2] === 'grant' ? 'all' : 'one'), {})
    }, () => outgoing.destroy())
  })
  await new Promise<void>(resolve => http.listen(port, '127.0.0.1', resolve))
  http.unref()
  return cloud
}

async function bodyOf (incoming: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of incoming) text += String(chunk)
  return text
}
