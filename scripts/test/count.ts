import type { Readable } from 'node:stream'
import { Parser, type Result as Assertion } from 'tap-parser'

export interface Count { passed: number, failed: number }

/**
 * Reads a TAP stream as it comes: counts assertions, prints a line for each file and what is known of each failure. A line that only sums up a
 * subtest is no assertion of its own, unless the subtest failed as a whole without a failed assertion in it (a time-out, a wrong plan, a throw).
 */
export async function countTap (stream: Readable, print: (line: string) => void): Promise<Count> {
  const parser = new Parser()
  const done = new Promise<void>(resolve => parser.once('complete', () => resolve()))
  const total = count(parser, [], print)
  stream.pipe(parser)
  await done
  return total
}

function count (parser: Parser, names: string[], print: (line: string) => void): Count {
  const own = { passed: 0, failed: 0 }
  let child: Count | null = null
  parser.on('child', inner => { child = count(inner, [...names, inner.name], print) })
  parser.on('assert', (result: Assertion) => {
    const inside = child ?? { passed: 0, failed: 0 }
    const isSum = inside.passed + inside.failed > 0 && (result.ok || inside.failed > 0)
    child = null
    // A skipped or postponed assertion has proved nothing.
    const good = result.ok && result.skip === false && result.todo === false
    own.passed += inside.passed + (good && !isSum ? 1 : 0)
    own.failed += inside.failed + (good || isSum ? 0 : 1)
    if (!good && !isSum) print(describe([...names, result.name], result))
    if (names.length === 0) print(`${result.ok ? 'ok    ' : 'FAILED'} ${result.name} (${inside.passed} passed, ${inside.failed} failed, ${((result.time ?? 0) / 1000).toFixed(1)} s)`)
  })
  return own
}

function describe (names: string[], { skip, todo, diag }: Assertion): string {
  const why = skip !== false ? 'skipped: ' : todo !== false ? 'to do: ' : ''
  const known = Object.entries(diag as Record<string, unknown> | null ?? {}).filter(([key]) => key !== 'at' && key !== 'source').map(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
    return `    ${key}: ${text.slice(0, 2000).trimEnd().replaceAll('\n', '\n      ')}`
  })
  return [`  ${why}${names.join(' > ')}`, ...known].join('\n')
}
