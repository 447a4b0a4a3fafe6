import type { Readable } from 'node:stream'
import { Parser } from 'tap-parser'

/**
 * Counts assertions in a TAP stream. A line that only sums up a subtest is no assertion of its own, unless the subtest failed as a whole
 * without a failed assertion in it (a time-out, a wrong plan, a throw).
 */
export async function countTap (stream: Readable): Promise<{ passed: number, failed: number }> {
  const parser = new Parser()
  const done = new Promise<void>(resolve => parser.once('complete', () => resolve()))
  const total = count(parser)
  stream.on('error', () => parser.end())
  stream.pipe(parser)
  await done
  return { passed: total.passed, failed: total.failed }
}

interface Count { passed: number, failed: number }

function count (parser: Parser): Count {
  const own = { passed: 0, failed: 0 }
  let child: Count | null = null
  parser.on('child', inner => { child = count(inner) })
  parser.on('assert', result => {
    const inside = child
    child = null
    if (inside !== null) {
      own.passed += inside.passed
      own.failed += inside.failed
      if (inside.passed + inside.failed > 0 && (result.ok || inside.failed > 0)) return
    }
    // A skipped or postponed assertion has proved nothing.
    if (result.ok && !result.skip && !result.todo) own.passed++
    else own.failed++
  })
  return own
}
