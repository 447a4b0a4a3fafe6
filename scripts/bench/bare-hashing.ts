import argon2 from 'argon2'
import { constants, setPriority } from 'node:os'

/** A baseline: verifications of one digest, so many at once and for so many seconds; answers how many there were. */
setPriority(0, constants.priority.PRIORITY_LOW)

process.on('message', async ({ digest, atOnce, seconds }: { digest: string, atOnce: number, seconds: number }) => {
  const until = performance.now() + seconds * 1_000
  let done = 0
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (performance.now() < until) {
      await argon2.verify(digest, 'a password that is right')
      done++
    }
  }))
  process.send?.(done)
})
process.send?.('ready')
