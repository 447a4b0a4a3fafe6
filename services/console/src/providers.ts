import type { ProviderName } from './api/connections.ts'

export interface ProviderField {
  name: string
  label: string
  hint?: string
  /** `pairs`: names and values of the person's own, in place of the fields of a list. */
  kind: 'secret' | 'text' | 'json' | 'choice' | 'pairs'
  optional?: true
  placeholder?: string
  choices?: Array<{ value: string, label: string }>
}

/** One of the ways to connect; with several, the person chooses. */
export interface Way { label: string, fields: ProviderField[] }

export interface Provider { name: ProviderName, title: string, about: string, advice: string, ways: Way[] }

const only = (...fields: ProviderField[]): Way[] => [{ label: '', fields }]
const region: ProviderField = { name: 'region', label: 'Default region', kind: 'text', optional: true, placeholder: 'eu-central-1' }

/** What each provider asks for. Another is another entry. */
export const providers: Provider[] = [
  {
    name: 'gcp',
    title: 'Google Cloud',
    about: 'A service account, to look into projects.',
    advice: 'Make a service account with the role Viewer, and a JSON key for it.',
    ways: only({ name: 'serviceAccountJson', label: 'Service account key (JSON)', kind: 'json', placeholder: '{ "type": "service_account", … }' })
  },
  {
    name: 'aws',
    title: 'Amazon Web Services',
    about: 'An access key or a role, to look into accounts.',
    advice: 'Make an IAM user or a role with the policy ReadOnlyAccess.',
    ways: [
      {
        label: 'An access key',
        fields: [
          { name: 'accessKeyId', label: 'Access key id', kind: 'text', placeholder: 'AKIA…' },
          { name: 'secretAccessKey', label: 'Secret access key', kind: 'secret' },
          { name: 'sessionToken', label: 'Session token', kind: 'secret', optional: true, hint: 'Only with a temporary key, which begins with ASIA.' },
          region
        ]
      },
      {
        label: 'A role',
        fields: [
          { name: 'roleArn', label: 'ARN of the role', kind: 'text', placeholder: 'arn:aws:iam::123456789012:role/aurora' },
          { name: 'externalId', label: 'External id', kind: 'text', hint: 'The one that the trust policy of the role asks for. Without it others could name your role.' },
          region
        ]
      }
    ]
  },
  {
    name: 'azure',
    title: 'Microsoft Azure',
    about: 'A service principal, to look into subscriptions.',
    advice: 'Register an application, give it the role Reader, and make a client secret for it.',
    ways: only(
      { name: 'tenantId', label: 'Directory (tenant) id', kind: 'text', placeholder: '00000000-0000-…' },
      { name: 'clientId', label: 'Application (client) id', kind: 'text', placeholder: '00000000-0000-…' },
      { name: 'clientSecret', label: 'Client secret', kind: 'secret', hint: 'Its value, which is shown once, and not its id.' },
      { name: 'subscriptionId', label: 'Default subscription', kind: 'text', optional: true }
    )
  },
  {
    name: 'github',
    title: 'GitHub',
    about: 'A token, to read repositories and deployments.',
    advice: 'Make a fine-grained personal access token with read access to contents and deployments.',
    ways: only({ name: 'token', label: 'Token', kind: 'secret' })
  },
  {
    name: 'slack',
    title: 'Slack',
    about: 'A bot or an incoming webhook, to tell a channel.',
    advice: 'Make an app in your workspace and install it there.',
    ways: [
      { label: 'A bot', fields: [{ name: 'botToken', label: 'Bot token', kind: 'secret', hint: 'Begins with xoxb-. Its scopes decide what it may do.' }] },
      { label: 'An incoming webhook', fields: [{ name: 'webhookUrl', label: 'Address of the webhook', kind: 'secret', hint: 'Begins with https://hooks.slack.com/services/. Whoever has it can write to that one channel.' }] }
    ]
  },
  {
    name: 'pagerduty',
    title: 'PagerDuty',
    about: 'A REST API key, to read incidents and who is on call.',
    advice: 'Make a read-only REST API key. The integration keys of services are another thing: those only send events.',
    ways: only(
      { name: 'apiKey', label: 'REST API key', kind: 'secret' },
      { name: 'region', label: 'Service region', kind: 'choice', choices: [{ value: 'us', label: 'United States' }, { value: 'eu', label: 'Europe' }] }
    )
  },
  {
    name: 'datadog',
    title: 'Datadog',
    about: 'A pair of keys, to read metrics, logs and monitors.',
    advice: 'Make an application key of a service account that may only read.',
    ways: only(
      {
        name: 'site',
        label: 'Site',
        kind: 'choice',
        hint: 'The one in the address of your Datadog.',
        choices: ['datadoghq.com', 'us3.datadoghq.com', 'us5.datadoghq.com', 'datadoghq.eu', 'uk1.datadoghq.com', 'ap1.datadoghq.com', 'ap2.datadoghq.com', 'ddog-gov.com', 'us2.ddog-gov.com'].map(value => ({ value, label: value }))
      },
      { name: 'apiKey', label: 'API key', kind: 'secret' },
      { name: 'applicationKey', label: 'Application key', kind: 'secret' }
    )
  },
  {
    name: 'openai',
    title: 'Language model',
    about: 'Any OpenAI-compatible API, for answers in chat.',
    advice: 'Chat works without one: it then knows its commands only.',
    ways: only(
      { name: 'baseUrl', label: 'Base URL', kind: 'text', placeholder: 'https://api.openai.com/v1' },
      { name: 'model', label: 'Model', kind: 'text' },
      { name: 'apiKey', label: 'API key', kind: 'secret' }
    )
  },
  {
    name: 'generic',
    title: 'Other secrets',
    about: 'Names and values of your own, for what has no form here.',
    advice: 'Do not paste a kubeconfig: a cluster is connected by the agent that runs in it.',
    ways: only({ name: 'pairs', label: 'Names and values', kind: 'pairs' })
  }
]
