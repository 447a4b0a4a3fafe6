import type { FastifyBaseLogger } from 'fastify'
import { guardedRequest } from '#shared/ssrf'
import { createGate } from './gate.ts'
import type { Provider, Trial, TrialAnswer, Values } from './providers/provider.ts'

/** All that is said of a trial. Nothing that a provider wrote is passed on: it may hold the credential, or a script. */
export const trialResults = ['works', 'refused', 'unreachable', 'not-testable'] as const
export type TrialResult = typeof trialResults[number]

export type Try = (provider: Provider, values: Values, log: FastifyBaseLogger) => Promise<TrialResult>

interface TryingOptions {
  /** Of the operator, for models. */
  allowedHosts: readonly string[]
  /** Tests put a server of theirs in the place of all providers here. There is no setting for it, so no installation can be led to do so. */
  ask?: typeof guardedRequest
  /** Milliseconds for one trial, from its beginning to the last byte. */
  patience?: number
}

const mostBytes = 1024 * 1024

/** Tries credentials at their providers through the guard of addresses: no redirect, no private address, so many bytes, so long, so many at once. */
export function createTrying ({ allowedHosts, ask = guardedRequest, patience = 8_000 }: TryingOptions): Try {
  const gate = createGate(16, 16, 'Too many connections are being tested.')

  return async (provider, values, log) => {
    const trial = trialOf(provider, values)
    if (trial === null) return 'not-testable'
    const answer = await gate(() => answerTo(trial).catch((error: unknown) => {
      log.info({ event: 'connection.unreachable', provider: provider.name, err: error }, 'a provider could not be asked')
      return null
    }))
    return (answer === null ? undefined : trial.means(answer)) ?? 'unreachable'
  }

  async function answerTo ({ address, method, headers, body }: Trial): Promise<TrialAnswer> {
    const response = await ask(address, {
      ...method === undefined ? {} : { method },
      ...body === undefined ? {} : { body },
      headers: { 'user-agent': 'aurora', ...headers },
      allowedHosts,
      maxBytes: mostBytes,
      timeout: patience,
      signal: AbortSignal.timeout(patience)
    })
    const chunks: Buffer[] = []
    for await (const chunk of response.body) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    return { status: response.status, text, json: isJson(response.headers['content-type']) ? objectIn(text) : {} }
  }
}

/** Values that were written past these routes may be none that a trial can be made of. */
function trialOf (provider: Provider, values: Values): Trial | null {
  try {
    return provider.trial?.(values) ?? null
  } catch {
    return null
  }
}

const isJson = (type: string | string[] | undefined): boolean => typeof type === 'string' && /^application\/([\w.-]+\+)?json\b/i.test(type)

function objectIn (text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}
  } catch {
    return {}
  }
}
