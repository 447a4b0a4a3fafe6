import { randomInt } from 'node:crypto'
import { readIdentity } from '#shared/tls'
import type { System } from '#shared/testing/system'
import { join } from 'node:path'
import { Pool } from 'undici'
import { tlsTo } from '#shared/client'
import { hashOf } from '../../services/auth/secret-values.ts'
import type { Question } from './questions.ts'

export interface Asked {
  milliseconds: number
  /** All of the answer that may not differ. */
  answer: string
}

/** One connection to auth as the edge holds it: what an attacker would measure through the edge, with less noise than they would have. */
export function openAsker (aurora: System) {
  const pool = new Pool(`https://127.0.0.1:${aurora.ports['auth']}`, { connections: 1, connect: tlsTo('auth', readIdentity(join(aurora.directory, 'certificates', 'edge'))) })
  const sql = aurora.sql()

  async function forget (email: string): Promise<void> {
    await sql`delete from auth.throttles where key in ${sql(['account', 'register', 'recovery'].map(kind => hashOf(`${kind}:${email}`)))}`
  }

  /** Held back for a minute from now on, so that no answer falls into a moment in which it is free. */
  async function hold (email: string): Promise<void> {
    await sql`insert into auth.throttles (key, failures, failed_at) values (${hashOf(`account:${email}`)}, 60, now()) on conflict (key) do update set failures = 60, failed_at = now()`
  }

  return {
    async ask ({ path, body, throttled }: Question, email: string): Promise<Asked> {
      // Counters that another request of the measurement filled must not speak for this one.
      if (throttled === true) await hold(email)
      else await forget(email)
      const text = JSON.stringify(body(email))
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}` }
      const began = performance.now()
      const response = await pool.request({ method: 'POST', path, headers, body: text })
      const answer = await response.body.text()
      return { milliseconds: performance.now() - began, answer: comparable(response.statusCode, response.headers, answer) }
    },
    close: () => pool.close()
  }
}

/** Without what differs between any two answers: the time, the id of the request, the seconds to wait, the count of what is left of a limit. */
function comparable (status: number, headers: Record<string, string | string[] | undefined>, body: string): string {
  const changing = /^(date|x-request-id|retry-after|x-ratelimit-.*)$/
  const lines = Object.entries(headers).map(([name, value]) => changing.test(name) ? name : `${name}: ${String(value)}`).toSorted()
  return [status, ...lines, body.replace(/"(requestId|instance|retryAfter)":("[^"]*"|\d+)/g, '"$1"').replace(/Try again in \d+ s/, 'Try again')].join('\n')
}
