import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAurora } from '../../infra/parts/aurora.ts'
import { median } from './compare.ts'

/** Seconds from `npm start` to the edge being ready, with parts fetched, console built and data there: what the second start of a day takes. */
const goal = 10
const rounds = 5
const directory = await mkdtemp(join(tmpdir(), 'aurora-bench-'))
const start = async () => {
  const began = performance.now()
  const aurora = await startAurora({ directory, port: 0 })
  const seconds = (performance.now() - began) / 1_000
  await aurora.close()
  return seconds
}

try {
  console.log('Seconds from the start to ready, parts and data there.')
  console.log(`  first start (makes keys, roles, tables): ${(await start()).toFixed(2)} s`)
  const seconds: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const taken = await start()
    seconds.push(taken)
    console.log(`  round ${round}: ${taken.toFixed(2)} s`)
  }
  const figure = median(seconds)
  const reached = figure <= goal
  console.log(`ready: ${figure.toFixed(2)} (${Math.min(...seconds).toFixed(2)}..${Math.max(...seconds).toFixed(2)}) goal ${goal.toFixed(2)}: ${reached ? 'reached' : 'not reached'}`)
  process.exitCode = reached ? 0 : 1
} finally {
  await rm(directory, { recursive: true, force: true })
}
