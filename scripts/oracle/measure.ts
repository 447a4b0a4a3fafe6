import { median } from '../bench/compare.ts'
import { system } from '#shared/testing/system'
import { createHashing } from '../../services/auth/hashing.ts'
import { makeAccounts, unknownAddress } from './accounts.ts'
import { openAsker } from './ask.ts'
import { medianInterval } from './interval.ts'
import { questions } from './questions.ts'

interface Options {
  /** Pairs of requests for each kind of account. */
  pairs: number
  /** Only questions of this name. */
  only?: string
}

/**
 * Asks about an account and about an address that nobody has, in turn, and holds the two against each other: the answers must be the same text, and the
 * interval of the difference of their times, at 95 % over all comparisons together (Bonferroni), must lie within 2 % of a hash or half a millisecond,
 * whichever is more. So noise makes it fail (`NOT SHOWN`), never pass.
 */
export async function measure ({ pairs, only }: Options): Promise<{ passed: number, failed: number }> {
  const aurora = await system()
  const accounts = await makeAccounts(aurora)
  const asker = openAsker(aurora)
  const chosen = questions.filter(({ name }) => only === undefined || name === only)
  const comparisons = questions.flatMap(({ kinds }) => kinds).length
  const bound = Math.max(0.5, 0.02 * await hashTime())
  const result = { passed: 0, failed: 0 }
  console.log(`Each of ${comparisons} comparisons: ${pairs} pairs; the interval at ${(100 - 5 / comparisons).toFixed(2)} % must lie within ±${bound.toFixed(2)} ms.`)

  for (const question of chosen) {
    for (const kind of question.kinds) {
      const stranger = question.throttled === true || question.again === true ? unknownAddress() : null
      // The first answers of anything are slow, and a counter needs its failures.
      for (let count = 0; count < 12; count++) for (const email of [accounts[kind], stranger ?? unknownAddress()]) await asker.ask(question, email)
      const differences: number[] = []
      const answers = new Set<string>()
      for (let pair = 0; pair < pairs; pair++) {
        const order = [accounts[kind], stranger ?? unknownAddress()]
        const [first, second] = pair % 2 === 0 ? order : order.toReversed()
        const [one, two] = [await asker.ask(question, first ?? ''), await asker.ask(question, second ?? '')]
        differences.push(pair % 2 === 0 ? one.milliseconds - two.milliseconds : two.milliseconds - one.milliseconds)
        answers.add(one.answer).add(two.answer)
      }
      const { low, middle, high } = medianInterval(differences, 0.05 / comparisons)
      const alike = answers.size === 1
      const ok = alike && low >= -bound && high <= bound
      result[ok ? 'passed' : 'failed']++
      const differs = !alike || low > 0 || high < 0
      console.log(`${ok ? 'alike    ' : differs ? 'DIFFERENT' : 'NOT SHOWN'} ${question.name}: ${kind} against unknown: ${middle.toFixed(3)} ms (${low.toFixed(3)}..${high.toFixed(3)})${alike ? '' : `, ${answers.size} different answers`}`)
      if (!alike) console.log([...answers].slice(0, 2).join('\n--\n'))
    }
  }
  await asker.close()
  return result
}

async function hashTime (): Promise<number> {
  const hashing = await createHashing(4)
  const times: number[] = []
  for (let count = 0; count < 31; count++) {
    const began = performance.now()
    await hashing.verify(undefined, 'a password that is wrong')
    times.push(performance.now() - began)
  }
  await hashing.close()
  return median(times)
}
