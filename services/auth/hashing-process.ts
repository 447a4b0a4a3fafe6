import argon2 from 'argon2'
import bcrypt from 'bcryptjs'
import { constants, setPriority } from 'node:os'
import type { HashingAnswer, HashingJob } from './hashing.ts'
import { current, formOf } from './password-hashes.ts'

/**
 * Passwords are hashed in this process and nowhere else. argon2 and WebCrypto share the four threads of libuv: in the service's own process a flood
 * of logins would starve the signing of tokens. Its priority is low for the same reason.
 */
const parameters = { type: argon2.argon2id, memoryCost: current.memory, timeCost: current.passes, parallelism: current.lanes } as const

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

async function carryOut ({ password, digest }: HashingJob): Promise<string | boolean> {
  if (digest === undefined) return await argon2.hash(password, parameters)
  if (formOf(digest)?.scheme !== 'bcrypt') return await argon2.verify(digest, password)
  // bcrypt repeats the password with a NUL between until it has 72 bytes, so `x` and `x<NUL>x` would be one password.
  return await bcrypt.compare(password, digest) && !password.includes('\0')
}
