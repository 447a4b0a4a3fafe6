/** A cloud whose tokens this service renews: registered as the operator does it, connected as auth does it. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { startCloud } from '#shared/testing/cloud'
import { eventually, type Person, type System } from '#shared/testing/system'
import { tokenOf } from './asking.ts'

export const scope = 'https://www.googleapis.com/auth/cloud-platform.read-only'

export async function openClouds (aurora: System) {
  const client = { id: 'aurora', secret: `client-secret-${randomUUID()}` }
  const [port = 0, githubPort = 0] = aurora.identityPorts
  const [cloud, github] = [await startCloud(port, client), await startCloud(githubPort, client)]
  const list = [
    { name: 'gcp-oauth', clientId: client.id, clientSecret: client.secret, endpoints: cloud.endpoints },
    { name: 'github-oauth', clientId: client.id, clientSecret: client.secret, endpoints: github.github }
  ]
  async function register (entries: object[]): Promise<void> {
    const path = 'aurora/data/default/services/auth'
    const { data, metadata } = await aurora.vault('GET', path) as { data: Record<string, string>, metadata: { version: number } }
    await aurora.vault('POST', path, { body: { options: { cas: metadata.version }, data: { ...data, cloudProviders: JSON.stringify(entries) } } })
  }
  await register(list)
  t.teardown(async () => {
    await register([])
    await Promise.all([cloud.close(), github.close()])
  })
  const sql = aurora.sql()

  return {
    client,
    cloud,
    github,
    list,
    register,
    allowedHosts: aurora.identityPorts.map(each => `127.0.0.1:${each}`),
    /** Connects, with tokens that live for so many seconds more. Answers them. */
    async connect (person: Person, provider: 'gcp-oauth' | 'github-oauth' = 'gcp-oauth', seconds = 3_600) {
      const { access_token: accessToken, refresh_token: refreshToken } = (provider === 'gcp-oauth' ? cloud : github).give(scope)
      const values = { accessToken, refreshToken, expiresAt: new Date(Date.now() + seconds * 1000).toISOString(), scopes: scope, tokenType: 'Bearer' }
      const auth = await aurora.peer('auth')
      const answer = await auth.request('secrets', 'PUT', `/internal/cloud-connections/${provider}`, { body: { values }, token: await tokenOf(aurora, person, 'auth', { scope: 'cloud-connection:store' }) })
      if (answer.status !== 201) throw new Error(`not connected: ${answer.status} ${answer.text}`)
      return values
    },
    /** What was to come in minutes comes now. */
    async due (person: Person): Promise<void> {
      await sql`update secrets.user_tokens set refresh_at = now() where person_id = ${person.person}`
    },
    /** The same, of what is still to be looked at. */
    async dueAgain (person: Person): Promise<void> {
      await sql`update secrets.user_tokens set refresh_at = now() where person_id = ${person.person} and refresh_at is not null`
    },
    row: async (person: Person) => (await sql<Array<{ version: number, broken: string | null, attempts: number, unanswered: boolean, minutes: number | null, seconds: number | null }>>`
      select version, broken, refresh_attempts as attempts, refresh_unanswered as unanswered,
        extract(epoch from expires_at - refresh_at)::float8 / 60 as minutes, extract(epoch from refresh_at - now())::float8 as seconds
      from secrets.user_tokens
      where person_id = ${person.person}`)[0],
    async inVault ({ organisation, person }: Person, provider = 'gcp-oauth'): Promise<Record<string, string>> {
      const entry = await aurora.vault('GET', `aurora/data/default/orgs/${organisation}/users/${person}/${provider}`, { as: 'secrets' })
      return (entry?.['data'] ?? {}) as Record<string, string>
    },
    actions: async (person: Person) => (await sql<Array<{ action: string, outcome: string, detail: { why?: string } }>>`
      select action, outcome, detail from audit.events where org_id = ${person.organisation} and action like 'connection.%' order by id`)
      .map(({ action, outcome, detail }) => `${action} ${outcome}${detail.why === undefined ? '' : ` ${detail.why}`}`),
    until: async (what: string, ask: () => Promise<boolean>) => await eventually(ask, what, 30)
  }
}
