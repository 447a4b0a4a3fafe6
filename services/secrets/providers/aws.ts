import { Type } from 'typebox'
import { closed } from '#shared/schemas'
import type { Provider } from './provider.ts'

export const aws: Provider = {
  name: 'aws',
  title: 'Amazon Web Services',
  schema: closed({
    accessKeyId: Type.String({ pattern: '^(AKIA|ASIA)[A-Z0-9]{16}$', description: 'Access key id' }),
    secretAccessKey: Type.String({ pattern: '^[A-Za-z0-9/+=]{40}$', description: 'Secret access key' }),
    region: Type.Optional(Type.String({ pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$', maxLength: 32, description: 'Default region' }))
  }),
  labels: (values): Record<string, string> => values.region === undefined ? {} : { region: values.region }
}
