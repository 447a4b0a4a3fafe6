import t from 'tap'
import { outcomeOf, statuses, type Action } from '../transitions.ts'

const expected: Record<Action, Record<typeof statuses[number], string>> = {
  acknowledge: { triggered: 'acknowledged', acknowledged: 'already', mitigated: 'conflict', resolved: 'conflict', closed: 'conflict', merged: 'conflict', cancelled: 'conflict' },
  resolve: { triggered: 'resolved', acknowledged: 'resolved', mitigated: 'resolved', resolved: 'already', closed: 'conflict', merged: 'conflict', cancelled: 'conflict' }
}

for (const [action, row] of Object.entries(expected) as Array<[Action, typeof expected[Action]]>) {
  t.test(`${action}: from every state it moves, is done already, or is a conflict`, async t => {
    for (const status of statuses) {
      const outcome = outcomeOf(status, action)
      t.equal(outcome.kind === 'move' ? outcome.to : outcome.kind, row[status], status)
    }
  })
}
