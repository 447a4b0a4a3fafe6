/**
 * Compares a subject with a baseline in alternating rounds of the same process, since a machine's speed drifts: what counts is the ratio of each round.
 */
export interface Comparison {
  name: string
  /** What the ratio is, for the reader. */
  says: string
  rounds?: number
  /** One measurement, in a unit of its own (requests per second, microseconds). */
  subject: () => Promise<number>
  baseline: () => Promise<number>
  goal: number
  /** Whether a ratio at or above the goal is good (throughput), or at or below (latency). */
  better: 'higher' | 'lower'
  unit: string
}

export function median (values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] ?? NaN : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

/** Runs the rounds, after one that warms both up, prints each and the line of the result. Returns whether the goal was reached. */
export async function compare ({ name, says, rounds = 7, subject, baseline, goal, better, unit }: Comparison): Promise<boolean> {
  console.log(says)
  await baseline()
  await subject()
  const ratios: number[] = []
  for (let round = 1; round <= rounds; round++) {
    // Who goes first changes, so that neither always has the warmer machine.
    const first = round % 2 === 0 ? await subject() : await baseline()
    const second = round % 2 === 0 ? await baseline() : await subject()
    const [mine, theirs] = round % 2 === 0 ? [first, second] : [second, first]
    ratios.push(mine / theirs)
    console.log(`  round ${round}: ${mine.toFixed(1)} ${unit} against ${theirs.toFixed(1)} ${unit}: ${(mine / theirs).toFixed(3)}`)
  }
  return conclude({ name, figures: ratios, goal, better })
}

/** The line of the result, for ratios and for what has no baseline. Returns whether the goal was reached. */
export function conclude ({ name, figures, goal, better }: Pick<Comparison, 'name' | 'goal' | 'better'> & { figures: number[] }): boolean {
  const figure = median(figures)
  const reached = better === 'higher' ? figure >= goal : figure <= goal
  console.log(`${name}: ${figure.toFixed(3)} (${Math.min(...figures).toFixed(3)}..${Math.max(...figures).toFixed(3)}) goal ${goal.toFixed(2)}: ${reached ? 'reached' : 'not reached'}`)
  return reached
}
