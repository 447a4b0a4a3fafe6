import { setTimeout as delay } from 'node:timers/promises'

/** Asks again until there is an answer (not undefined, not false), at most this long. What a test waits with instead of sleeping. */
export async function eventually<T> (ask: () => Promise<T | undefined | false> | T | undefined | false, what: string, seconds = 5): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  let last: unknown
  do {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      last = error
    }
    await delay(25)
  } while (Date.now() < deadline)
  throw new Error(`Waited ${seconds} s for ${what}`, { cause: last })
}
