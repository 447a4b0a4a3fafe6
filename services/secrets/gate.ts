import { unavailable } from '#shared/errors'

/**
 * Lets so many in at once, and so many wait. Whoever writes a secret holds a connection to PostgreSQL while Vault answers: without this a Vault
 * that hangs would take every connection, and with them the reads that the cache could have served.
 */
export function createGate (inside: number, waiting: number, tooMany = 'Too many secrets are being written.'): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  const queue: Array<() => void> = []

  return async work => {
    if (running >= inside) {
      if (queue.length >= waiting) throw unavailable(tooMany)
      await new Promise<void>(resolve => queue.push(resolve))
    } else {
      running++
    }
    try {
      return await work()
    } finally {
      // The place goes to who waits longest, or is free.
      const next = queue.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
