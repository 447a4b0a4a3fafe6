/** One streamed call of an OpenAI-compatible model. */
import { guardedRequest } from '#shared/ssrf'
import { Problem } from '#shared/errors'
import type { Usage } from '../usage.ts'
import { chunksOf } from './chunk.ts'
import { AnswerFailure } from '../answer-failure.ts'
import type { ModelMessage } from './prompt.ts'
import { refusedByModel } from './refusal.ts'
import type { ModelSettings } from './settings.ts'
import { eventsOf } from './sse.ts'
import { toolCalls } from './tool-calls.ts'

/** A model that says nothing for this long will not say anything. */
const SILENCE_MS = 60_000
const LONGEST_MS = 10 * 60_000
const MAX_BYTES = 16 * 1024 * 1024
const MAX_ANSWER = 200_000

export interface Call {
  settings: ModelSettings
  messages: ModelMessage[]
  allowedHosts: string[]
  signal: AbortSignal
  /** Called with what the server counted; the last call is the truth. */
  onUsage: (usage: Usage) => void
  /** Milliseconds without a byte, keep-alive comments included. */
  silence?: number
}

/** The text of the answer in pieces. Throws AnswerFailure, or the signal's reason. */
export async function * complete ({ settings, messages, allowedHosts, signal, onUsage, silence = SILENCE_MS }: Call): AsyncGenerator<string> {
  const deadline = AbortSignal.timeout(LONGEST_MS)
  try {
    const response = await guardedRequest(`${settings.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${settings.apiKey}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ model: settings.model, messages, stream: true, stream_options: { include_usage: true } }),
      maxBytes: MAX_BYTES,
      timeout: silence,
      allowedHosts,
      signal: AbortSignal.any([signal, deadline])
    })
    if (response.status === 200) return yield * textOf(response.body, onUsage)
    await letGo(response.body)
    throw refusedByModel(response.status)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AnswerFailure) throw error
    if (deadline.aborted || (error as NodeJS.ErrnoException).code === 'UND_ERR_BODY_TIMEOUT') throw new AnswerFailure('The model fell silent in the middle of its answer.', 'interrupted')
    if (error instanceof Problem) throw new AnswerFailure(`The model cannot be asked: ${error.detail ?? error.title}`)
    throw new AnswerFailure('The connection to the model was lost in the middle of its answer.', 'interrupted')
  }
}

async function * textOf (body: AsyncIterable<Uint8Array>, onUsage: (usage: Usage) => void): AsyncGenerator<string> {
  const tools = toolCalls()
  let finish: string | null = null
  let length = 0
  for await (const data of eventsOf(body)) {
    // usage comes behind the finish, so only this word or the end of the body ends the stream
    if (data === '[DONE]') {
      finish ??= 'stop'
      break
    }
    for (const chunk of chunksOf(data)) {
      if (chunk.usage) onUsage(chunk.usage)
      chunk.tools.forEach(tools.add)
      finish = chunk.finish ?? finish
      length += chunk.text.length
      if (length > MAX_ANSWER) throw new AnswerFailure('The answer grew too long and was cut off.', 'interrupted')
      if (chunk.text !== '') yield chunk.text
    }
  }
  if (finish === null) throw new AnswerFailure('The model broke off in the middle of its answer.', 'interrupted')
  if (finish === 'length') throw new AnswerFailure('The model reached its longest answer and stopped there.', 'interrupted')
  if (tools.all().length > 0) throw new AnswerFailure('The model asked for a tool, and none was offered to it.')
}

/** What a refusal says is not read, since it may quote the key; the connection is. */
async function letGo (body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    const reader = body[Symbol.asyncIterator]()
    await reader.next()
    await reader.return?.()
  } catch {
    // it is going anyway
  }
}
