/** What a model is shown: the system prompt, as much of the conversation as fits, and data marked as data. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { redact } from '#shared/redact'
import type { MessageRow } from '../messages.ts'

export interface ModelMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
}

/** Characters of conversation that are sent along: a few thousand tokens, which every model can hold. */
const MAX_HISTORY = 32_000

const systemPrompt = readFileSync(new URL('system-prompt.md', import.meta.url), 'utf8')

/** `facts` is text of alerts and timelines; `history` ends with the question. */
export function promptFor (history: MessageRow[], facts: string[]): ModelMessage[] {
  // drawn for each call, so that no alert can contain the line that ends it
  const marker = randomBytes(12).toString('hex')
  const data = (text: string): ModelMessage => ({ role: 'user', content: `DATA ${marker}\n${text}\nEND ${marker}` })
  const messages = [
    { role: 'system' as const, content: systemPrompt.replaceAll('{{marker}}', marker) },
    ...facts.map(data),
    ...latest(history).map(message => asModelMessage(message, data))
  ]
  return messages.map(({ role, content }) => ({ role, content: redact(content) }))
}

function asModelMessage (message: MessageRow, data: (text: string) => ModelMessage): ModelMessage {
  if (message.source === 'command') return data(message.content)
  return { role: message.role === 'person' ? 'user' : 'assistant', content: message.content }
}

/** The newest messages that fit, oldest first; the question itself always. What Aurora said about itself is left out. */
function latest (history: MessageRow[]): MessageRow[] {
  const kept: MessageRow[] = []
  let length = 0
  for (const message of history.toReversed()) {
    if (message.content === '' || message.source === 'notice') continue
    length += message.content.length
    if (kept.length > 0 && length > MAX_HISTORY) break
    kept.unshift(message)
  }
  return kept
}
