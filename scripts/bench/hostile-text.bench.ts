import { redact } from '#shared/redact'
import { plainText } from '#shared/schemas'
import { compare } from './compare.ts'

/**
 * Hostile text costs no more than its length: neither tags nor tokens may be looked for again and again. Eight times the text against the text: the
 * ratio is 8 where the work is linear and 64 where it is quadratic. Milliseconds, the least of five.
 */
function milliseconds (work: () => void): number {
  const times = [1, 2, 3, 4, 5].map(() => {
    const began = performance.now()
    work()
    return performance.now() - began
  })
  return Math.min(...times)
}

let reached = true
for (const [name, says, work] of [
  ['hostile-escapes', 'Nested escapes, eight times as many against once.', (size: number) => plainText('&' + 'amp;'.repeat(size))],
  ['hostile-tokens', 'Tokens that begin and never end, eight times as many against once.', (size: number) => redact('eyJ'.repeat(size * 4))]
] as const) {
  const figures = { name, says, goal: 16, better: 'lower', unit: 'ms' } as const
  const linear = await compare({ ...figures, subject: async () => milliseconds(() => work(16_000)), baseline: async () => milliseconds(() => work(2_000)) })
  reached &&= linear
}
process.exitCode = reached ? 0 : 1
