import type { Sql } from '#shared/database'
import type { FinalStatus } from './frames.ts'

export interface Usage {
  inputTokens: number
  outputTokens: number
  cachedTokens: number
  /** The stream ended before the server said what it counted. */
  estimated: boolean
}

export interface ModelCall extends Usage {
  sessionId: string
  messageId: string
  provider: string
  model: string
  outcome: FinalStatus
  latencyMs: number
}

export function recordUsage (sql: Sql, call: ModelCall) {
  return sql`
    insert into chat.llm_usage_tracking (
      org_id, person_id, session_id, message_id, provider, model,
      input_tokens, output_tokens, cached_tokens, estimated, outcome, latency_ms
    )
    values (
      (select app.org_id()), (select app.person_id()), ${call.sessionId}, ${call.messageId}, ${call.provider}, ${call.model},
      ${call.inputTokens}, ${call.outputTokens}, ${call.cachedTokens}, ${call.estimated}, ${call.outcome}, ${call.latencyMs}
    )`
}

/** About four characters of prose are one token; good enough to say that something was spent. */
export function estimateTokens (text: string): number {
  return Math.ceil(text.length / 4)
}
