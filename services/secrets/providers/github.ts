import { Type } from 'typebox'
import { closed } from '#shared/schemas'
import type { Provider } from './provider.ts'

export const github: Provider = {
  name: 'github',
  title: 'GitHub',
  schema: closed({
    token: Type.String({ pattern: '^(gh[pousr]_[A-Za-z0-9]{20,251}|github_pat_[A-Za-z0-9_]{20,244})$', description: 'Personal or fine-grained access token' })
  }),
  labels: () => ({})
}
