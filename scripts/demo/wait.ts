import { setTimeout as delay } from 'node:timers/promises'
import { Refused } from './browser.ts'

/**
 * Asks again until the answer is there; what went wrong last is what is said when it never is.
 * Slower each time, and where Aurora says when to come again, then.
 */
export async function until<T> (what: string, ask: () => Promise<T | null | undefined | false>, seconds = 15): Promise<T> {
  let deadline = Date.now() + seconds * 1000
  let last = ''
  for (let pause = 50; Date.now() < deadline; pause = Math.min(pause * 1.5, 1000)) {
    try {
      const answer = await ask()
      if (answer !== null && answer !== undefined && answer !== false) return answer
    } catch (error) {
      const wait = error instanceof Refused && error.retryAfter !== undefined ? error.retryAfter * 1000 : 0
      deadline += wait
      await delay(wait)
      last = `: ${error instanceof Error ? error.message : String(error)}`
    }
    await delay(pause)
  }
  throw new Error(`${what} did not come within ${seconds} s${last}`)
}
