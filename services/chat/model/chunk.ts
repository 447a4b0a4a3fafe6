/** One chunk of a streamed completion, read without trusting its shape: servers leave out, null or repeat nearly every field. */
import type { Usage } from '../usage.ts'
import { AnswerFailure } from '../answer-failure.ts'
import type { ToolFragment } from './tool-calls.ts'

export interface Chunk {
  text: string
  tools: ToolFragment[]
  finish: string | null
  usage: Usage | null
}

type Loose = Record<string, unknown>

/** The chunks in one event; several when a server forgets the blank line between them. Throws AnswerFailure. */
export function chunksOf (data: string): Chunk[] {
  return parse(data).map(chunkOf)
}

function parse (data: string): unknown[] {
  try {
    return [JSON.parse(data)]
  } catch {
    try {
      return data.split('\n').filter(line => line !== '[DONE]').map(line => JSON.parse(line))
    } catch {
      throw new AnswerFailure('The model server sent something that is not a completion. Check base URL and model.', 'failed')
    }
  }
}

function chunkOf (value: unknown): Chunk {
  const chunk = objectOf(value)
  if (chunk.error) throw new AnswerFailure('The model server reported an error in the middle of its answer.', 'interrupted')
  const [choice] = arrayOf(chunk.choices).map(objectOf)
  const delta = objectOf(choice?.delta)
  return {
    text: typeof delta.content === 'string' ? delta.content : '',
    tools: arrayOf(delta.tool_calls).map(fragmentOf),
    finish: typeof choice?.finish_reason === 'string' ? choice.finish_reason : null,
    usage: usageOf(chunk.usage)
  }
}

function fragmentOf (value: unknown, position: number): ToolFragment {
  const call = objectOf(value)
  const { name, arguments: args } = objectOf(call.function)
  return {
    index: Number.isSafeInteger(call.index) ? call.index as number : position,
    ...(typeof call.id === 'string' ? { id: call.id } : {}),
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof args === 'string' ? { arguments: args } : {})
  }
}

function usageOf (value: unknown): Usage | null {
  if (typeof value !== 'object' || value === null) return null
  const usage = value as Loose
  return {
    inputTokens: countOf(usage.prompt_tokens),
    outputTokens: countOf(usage.completion_tokens),
    cachedTokens: countOf(objectOf(usage.prompt_tokens_details).cached_tokens),
    estimated: false
  }
}

const countOf = (value: unknown): number => Number.isSafeInteger(value) ? Math.min(Math.max(value as number, 0), 2 ** 31 - 1) : 0
const objectOf = (value: unknown): Loose => typeof value === 'object' && value !== null ? value as Loose : {}
const arrayOf = (value: unknown): unknown[] => Array.isArray(value) ? value : []
