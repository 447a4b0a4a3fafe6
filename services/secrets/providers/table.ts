import { aws } from './aws.ts'
import { azure } from './azure.ts'
import { datadog } from './datadog.ts'
import { gcp } from './gcp.ts'
import { generic } from './generic.ts'
import { github } from './github.ts'
import { openai } from './openai.ts'
import { pagerduty } from './pagerduty.ts'
import type { Provider } from './provider.ts'
import { slack } from './slack.ts'

/** All that can be connected. A list, looked through by name: an object would know `__proto__` and `constructor` as well. */
export const providers: readonly Provider[] = [gcp, aws, azure, github, slack, pagerduty, datadog, openai, generic]

export const providerNamed = (name: string): Provider | undefined => providers.find(provider => provider.name === name)
