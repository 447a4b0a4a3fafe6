import { setTimeout as delay } from 'node:timers/promises'

/** Asks again until the answer is there; what went wrong last is what is said when it never is. */
export async function until<T> (what: string, ask: () => Promise<T | null | undefined | false>, seconds = 15): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  let last = ''
  while (Date.now() < deadline) {
    try {
      const answer = await ask()
      if (answer !== null && answer !== undefined && answer !== false) return answer
    } catch (error) {
      last = `: ${error instanceof Error ? error.message : String(error)}`
    }
    await delay(150)
  }
  throw new Error(`${what} did not come within ${seconds} s${last}`)
}
