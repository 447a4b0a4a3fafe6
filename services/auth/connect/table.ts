/** What may be asked of a provider, with words for whoever is to allow it. */
export interface CloudScope { scope: string, words: string }

/** A cloud that people connect by going there and allowing it. A row of a table, not a class. */
export interface Cloud {
  /** In addresses and rows: it stays. */
  name: string
  title: string
  /** By which it names itself in an answer (RFC 9207), where it does. */
  issuer: string
  authorize: string
  token: string
  revoke: string
  scopes: readonly CloudScope[]
  /** Beside what every request has. */
  parameters: Readonly<Record<string, string>>
  /** Whether it gives a refresh token to everybody; others give one where the access token ends. */
  alwaysRefreshes: boolean
  /** How access ends there: RFC 7009 (one token's end is the end of all that were allowed with it), or GitHub's own way, which knows both. */
  revocation: 'rfc7009' | 'github'
}

/**
 * The least that helps in an incident, read-only wherever the provider has such a scope. Google gives a refresh token only with `offline` and only anew with
 * `consent`. GitHub's tokens end when they are revoked; those of a GitHub App that expire come with a refresh token.
 */
export const cloudTable: readonly Cloud[] = [
  {
    name: 'gcp-oauth',
    title: 'Google Cloud',
    issuer: 'https://accounts.google.com',
    authorize: 'https://accounts.google.com/o/oauth2/v2/auth',
    token: 'https://oauth2.googleapis.com/token',
    revoke: 'https://oauth2.googleapis.com/revoke',
    scopes: [{ scope: 'https://www.googleapis.com/auth/cloud-platform.read-only', words: 'See your Google Cloud projects: resources, logs and metrics. It can change nothing.' }],
    parameters: { access_type: 'offline', prompt: 'consent', include_granted_scopes: 'false' },
    alwaysRefreshes: true,
    revocation: 'rfc7009'
  },
  {
    name: 'github-oauth',
    title: 'GitHub',
    issuer: 'https://github.com',
    authorize: 'https://github.com/login/oauth/authorize',
    token: 'https://github.com/login/oauth/access_token',
    revoke: 'https://api.github.com',
    scopes: [
      { scope: 'read:org', words: 'See which organisations and teams you belong to.' },
      { scope: 'repo_deployment', words: 'See deployments of your repositories and set their state, without any access to code. GitHub has no scope that only sees them.' }
    ],
    parameters: {},
    alwaysRefreshes: false,
    revocation: 'github'
  }
]
