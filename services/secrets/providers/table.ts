import { aws } from './aws.ts'
import { gcp } from './gcp.ts'
import { github } from './github.ts'
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

/** All that can be connected. A list, looked through by name: an object would know `__proto__` and `constructor` as well. */
export const providers: readonly Provider[] = [gcp, aws, github, openai]

export const providerNamed = (name: string): Provider | undefined => providers.find(provider => provider.name === name)
