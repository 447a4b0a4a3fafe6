import type { Peers } from '#shared/client'
import { Problem } from '#shared/errors'
import type { Delegation, Grants } from '#shared/grants'
import { AnswerFailure } from '../answer-failure.ts'

export interface ModelSettings {
  apiKey: string
  /** Without a slash at the end; `/chat/completions` follows it. */
  baseUrl: string
  model: string
}

/**
 * The model of the person who asks, or null where they have none. Read for each answer and never kept: the key is in
 * this process only while it is used.
 */
export async function modelOf (peers: Peers, exchange: Grants['exchange'], subject: Delegation, signal: AbortSignal): Promise<ModelSettings | null> {
  try {
    const token = await exchange(subject, 'secrets', ['credential:read:openai'])
    const { values } = await peers.json<{ values: Record<string, string | undefined> }>('secrets', {
      path: '/internal/credentials/openai', token, signal
    })
    if (!values.apiKey || !values.model) throw new AnswerFailure('The connection "openai" lacks an API key or a model. Store it again under Connections.')
    const baseUrl = values.baseUrl || 'https://api.openai.com/v1'
    return { apiKey: values.apiKey, model: values.model, baseUrl: baseUrl.replace(/\/+$/, '') }
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return null
    if (error instanceof Problem && error.code === 'forbidden') throw new AnswerFailure('Your role does not allow you to use a model.')
    if (error instanceof Problem) throw new AnswerFailure('The key of your model cannot be read right now. Try again in a moment; commands such as /help work meanwhile.')
    throw error
  }
}
