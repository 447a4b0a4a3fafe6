import { parseArgs } from 'node:util'
import { StartFailure } from '../infra/parts/failure.ts'
import { alerts } from './demo/alerts.ts'
import { openTarget } from './demo/aurora.ts'
import { chat } from './demo/chat.ts'
import { credentials } from './demo/credentials.ts'
import { logout } from './demo/logout.ts'
import { people } from './demo/people.ts'
import { refusals } from './demo/refusals.ts'
import { newReport } from './demo/report.ts'
import { restarts } from './demo/restarts.ts'
import { tenants } from './demo/tenants.ts'

/**
 * `npm run demo`: the main job from end to end, through the public https address of the Aurora that runs here and is set up, or of
 * one that it starts for itself, as with `--own`. Ends with `N passed, 0 failed`.
 */
const say = (line: string) => console.log(line)
const { values } = parseArgs({ options: { own: { type: 'boolean', default: false } } })

try {
  const target = await openTarget(values.own, say)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { target.close().finally(() => process.exit(130)) })
  const report = newReport(say)
  try {
    const who = await people(target, report)
    await credentials(target, report, who)
    const integrations = await alerts(target, report, who)
    await refusals(target, report, who, integrations)
    await tenants(report, who, integrations)
    const conversation = await chat(report, who)
    await logout(target, report, who)
    await restarts(target, report, who, integrations, conversation)
  } catch (error) {
    // Between two steps nothing may go wrong either.
    await report.step('the demo comes to its end', () => Promise.reject(error))
  } finally {
    await target.close()
  }
  say(`\n${report.summary()}`)
  process.exit(report.failed() === 0 ? 0 : 1)
} catch (error) {
  console.error(error instanceof StartFailure ? error.message : error)
  process.exit(1)
}
