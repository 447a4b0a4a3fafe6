/** How the tests speak to `secrets`: people through the public address, services with their own certificates and tokens made as auth makes them. */
import { randomUUID } from 'node:crypto'
import type { PeerName } from '#shared/peers'
import type { Person, System } from '#shared/testing/system'

/** Values of a model's connection with a secret that can be found again. */
export const modelWith = (apiKey: string) => ({ values: { apiKey, baseUrl: 'https://models.example.com/v1', model: 'demo' } })

/** A secret that stands nowhere else, so that finding it anywhere means it leaked. */
export const canary = (): string => `planted-${randomUUID()}`

export async function storeModel (person: Person, apiKey: string): Promise<number> {
  const answer = await person.request('PUT', '/api/connections/openai', modelWith(apiKey))
  if (answer.status !== 200 && answer.status !== 201) throw new Error(`not stored: ${answer.status} ${JSON.stringify(answer.body)}`)
  return (answer.body as { version: number }).version
}

/** A token for `secrets` in the person's name, bound to the certificate of the peer that presents it. */
export const tokenOf = (aurora: System, person: Person, peer: PeerName, claims: Record<string, unknown> = {}): Promise<string> => aurora.mint({
  kind: 'person', aud: 'secrets', sub: person.person, org: person.organisation, sid: randomUUID(), role: 'owner', scope: 'credential:read:openai', act: { sub: peer }, ...claims
}, peer)

/** Reads the person's model key as chat does. */
export async function readModel (aurora: System, person: Person) {
  const chat = await aurora.peer('chat')
  return await chat.request('secrets', 'GET', '/internal/credentials/openai', { token: await tokenOf(aurora, person, 'chat') })
}

/** Makes the audit log refuse rows of one organisation, and of no other. */
export async function withoutAudit (aurora: System, organisation: string, work: () => Promise<void>): Promise<void> {
  const name = `refuse_${organisation.replaceAll('-', '')}`
  await aurora.sql().unsafe(`alter table audit.events add constraint ${name} check (org_id is distinct from '${organisation}') not valid`)
  try {
    await work()
  } finally {
    await aurora.sql().unsafe(`alter table audit.events drop constraint ${name}`)
  }
}
