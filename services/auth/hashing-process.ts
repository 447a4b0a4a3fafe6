import argon2 from 'argon2'
import { constants, setPriority } from 'node:os'
import type { HashingAnswer, HashingJob } from './hashing.ts'

/**
 * Passwords are hashed in this process and nowhere else. argon2 and WebCrypto share the four threads of libuv: in the service's own process a flood
 * of logins would starve the signing of tokens. Its priority is low for the same reason.
 */
const parameters = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

try {
  setPriority(0, constants.priority.PRIORITY_LOW)
} catch {
  // Where the system refuses it, hashing competes on equal terms.
}

// Ctrl-C reaches the whole group; the service drains first and then lets go of the channel.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', () => process.exit(0))

process.on('message', async (job: HashingJob) => {
  const answer = await carryOut(job).then(
    (result): HashingAnswer => ({ id: job.id, result }),
    (): HashingAnswer => ({ id: job.id, failed: true })
  )
  if (process.connected) process.send?.(answer)
})

async function carryOut (job: HashingJob): Promise<string | boolean> {
  return job.digest === undefined ? argon2.hash(job.password, parameters) : argon2.verify(job.digest, job.password)
}
