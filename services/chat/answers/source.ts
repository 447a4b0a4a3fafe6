/** Where an answer comes from: a command, a model, or a sentence that says how to have one. */
import { answerCommand, usages } from '../commands/index.ts'
import { describe } from '../commands/incident.ts'
import { incidentsFor, type Incidents } from '../incidents.ts'
import { messagesOf, type Source } from '../messages.ts'
import { complete } from '../model/complete.ts'
import { meterOf } from '../model/meter.ts'
import { promptFor } from '../model/prompt.ts'
import { modelOf, type ModelSettings } from '../model/settings.ts'
import type { Parts } from '../parts.ts'
import { sessionById } from '../sessions.ts'
import type { Job } from './job.ts'

const HISTORY = 50

export interface Answer {
  source: Source
  pieces: AsyncIterable<string>
}

export async function answerTo (parts: Parts, job: Job, signal: AbortSignal): Promise<Answer> {
  const incidents = incidentsFor(parts.peers, parts.exchange, job.speaker.delegation, signal)
  if (job.source === 'command') return { source: 'command', pieces: answerCommand(job.text, incidents) }
  const settings = await modelOf(parts.peers, parts.exchange, job.speaker.delegation, signal)
  if (settings === null) return { source: 'notice', pieces: withoutModel() }
  return { source: 'model', pieces: byModel(parts, job, settings, incidents, signal) }
}

async function * withoutModel (): AsyncGenerator<string> {
  yield `No model is configured, so I answer commands only: ${usages()}. `
  yield 'For answers in plain words, store a connection "openai" under Connections: its API key, its model and, for another server than OpenAI\'s, its base URL.'
}

async function * byModel (parts: Parts, job: Job, settings: ModelSettings, incidents: Incidents, signal: AbortSignal): AsyncGenerator<string> {
  const { scope } = job.speaker
  const history = await parts.database.inScope(scope, sql => messagesOf(sql, job.sessionId, HISTORY))
  const [session] = await parts.database.inScope(scope, sql => sessionById(sql, job.sessionId))
  const attached = session?.incident ? await incidents.byNumber(session.incident) : null
  const messages = promptFor(history, attached ? [describe(attached).join('\n')] : [])
  const meter = meterOf(parts, job, settings, messages)
  yield * meter.measured(complete({ settings, messages, allowedHosts: parts.modelHosts, signal, onUsage: meter.count }), signal)
}
