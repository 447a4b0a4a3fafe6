import type { ProviderName } from './api/connections.ts'

export interface ProviderField {
  name: string
  label: string
  hint?: string
  kind: 'secret' | 'text' | 'json'
  optional?: true
  placeholder?: string
}

export interface Provider { name: ProviderName, title: string, about: string, advice: string, fields: ProviderField[] }

/** What each provider asks for. A fifth is a fifth entry. */
export const providers: Provider[] = [
  {
    name: 'gcp',
    title: 'Google Cloud',
    about: 'A service account, to look into projects.',
    advice: 'Make a service account with the role Viewer, and a JSON key for it.',
    fields: [{ name: 'serviceAccountJson', label: 'Service account key (JSON)', kind: 'json', placeholder: '{ "type": "service_account", … }' }]
  },
  {
    name: 'aws',
    title: 'Amazon Web Services',
    about: 'An access key, to look into accounts.',
    advice: 'Make an IAM user with the policy ReadOnlyAccess, and an access key for it.',
    fields: [
      { name: 'accessKeyId', label: 'Access key id', kind: 'text', placeholder: 'AKIA…' },
      { name: 'secretAccessKey', label: 'Secret access key', kind: 'secret' },
      { name: 'region', label: 'Default region', kind: 'text', optional: true, placeholder: 'eu-central-1' }
    ]
  },
  {
    name: 'github',
    title: 'GitHub',
    about: 'A token, to read repositories and deployments.',
    advice: 'Make a fine-grained personal access token with read access to contents and deployments.',
    fields: [{ name: 'token', label: 'Token', kind: 'secret' }]
  },
  {
    name: 'openai',
    title: 'Language model',
    about: 'Any OpenAI-compatible API, for answers in chat.',
    advice: 'Chat works without one: it then knows its commands only.',
    fields: [
      { name: 'baseUrl', label: 'Base URL', kind: 'text', placeholder: 'https://api.openai.com/v1' },
      { name: 'model', label: 'Model', kind: 'text' },
      { name: 'apiKey', label: 'API key', kind: 'secret' }
    ]
  }
]
