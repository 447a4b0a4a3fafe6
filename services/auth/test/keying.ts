import { system, type Person } from '#shared/testing/system'
import type { Answer, Browser, Method } from '#shared/testing/browser'

export interface TestKey { id: string, key: string }

/** An API key of a person, made as people do. */
export async function keyOf (person: Person, scopes: string[] = ['incident:read'], changes: Record<string, unknown> = {}): Promise<TestKey> {
  const answer = await person.request('POST', '/api/api-keys', { name: 'Test key', scopes, days: 30, ...changes })
  if (answer.status !== 201) throw new Error(`Making a key answered ${answer.status}: ${answer.text}`)
  return answer.body as TestKey
}

export async function agentKeyOf (admin: Person, changes: Record<string, unknown> = {}): Promise<TestKey> {
  const answer = await admin.request('POST', '/api/organisations/current/agent-keys', { name: 'Test agent', days: 30, ...changes })
  if (answer.status !== 201) throw new Error(`Making an agent's key answered ${answer.status}: ${answer.text}`)
  return answer.body as TestKey
}

/** A program: it has a key, and neither a cookie nor an Origin. */
export async function program (): Promise<{ ask: (key: string, method: Method, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>, browser: Browser }> {
  const browser = (await system()).visitor()
  return {
    browser,
    ask: async (key, method, path, body, headers = {}) => await browser.request(method, path, body, { origin: '', authorization: `Bearer ${key}`, ...headers })
  }
}

/** The edge's question about a request with this key, from this address. */
export async function authorizeKey (key: string, headers: Record<string, string> = {}): Promise<Answer> {
  const edge = await (await system()).peer('edge')
  const all: Record<string, string> = { 'x-aurora-audience': 'incidents', 'x-original-method': 'GET', authorization: `Bearer ${key}`, ...headers }
  return await edge.request('auth', 'GET', '/internal/authorize', { headers: all })
}
