import { closed } from '#shared/schemas'
import { Line, misshapen, type Provider } from './provider.ts'

/**
 * Prefixes: https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
 * Those of installations are longer now and hold dots: https://github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header/
 */
const token = /^(gh[pou]_[A-Za-z0-9]{20,251}|ghs_[A-Za-z0-9._-]{20,1019}|github_pat_[A-Za-z0-9_]{20,244})$/

export const github: Provider = {
  name: 'github',
  title: 'GitHub',
  schema: closed({ token: Line('Personal or fine-grained access token', 1_023) }),
  check: values => misshapen(values, { token: { is: token, words: 'is not an access token: they begin with github_pat_, ghp_, gho_, ghu_ or ghs_' } }),
  labels: () => ({}),
  // https://docs.github.com/rest/users/users#get-the-authenticated-user  An installation is nobody there.
  trial: ({ token = '' }) => token.startsWith('ghs_')
    ? null
    : {
        address: 'https://api.github.com/user',
        headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' },
        means: ({ status, json }) => status === 200 && typeof json.login === 'string' ? 'works' : status === 401 ? 'refused' : undefined
      }
}
