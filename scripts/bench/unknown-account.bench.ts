import { createHashing } from '../../services/auth/hashing.ts'
import { compare, median } from './compare.ts'

/**
 * Whether the time of a refused login says that the account exists: a verification for an account that nobody has against one with a wrong password,
 * in the process that hashes. Milliseconds at p50 of 15.
 */
const hashing = await createHashing(8)
const digest = await hashing.hash('correct horse')

async function p50 (known: string | undefined): Promise<number> {
  const times: number[] = []
  for (let count = 0; count < 15; count++) {
    const began = performance.now()
    if (await hashing.verify(known, 'wrong')) throw new Error('A wrong password matched')
    times.push(performance.now() - began)
  }
  return median(times)
}

try {
  const bounds = { says: 'A login for an account that nobody has against one with a wrong password: p50, milliseconds.', unit: 'ms', subject: () => p50(undefined), baseline: () => p50(digest) }
  // Neither slower nor quicker: both are an oracle.
  const notSlower = await compare({ ...bounds, name: 'unknown-account-slower', goal: 1.05, better: 'lower' })
  const notQuicker = await compare({ ...bounds, name: 'unknown-account-quicker', goal: 0.95, better: 'higher' })
  process.exitCode = notSlower && notQuicker ? 0 : 1
} finally {
  hashing.close()
}
