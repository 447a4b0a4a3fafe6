/**
 * The state machine of an incident, as one table: the API, the worker and (by the API's answers) the console all use it.
 * An action whose end is already reached changes nothing and is no error; any other state that is not listed is a conflict.
 */
export const statuses = ['triggered', 'acknowledged', 'mitigated', 'resolved', 'closed', 'merged', 'cancelled'] as const
export type Status = typeof statuses[number]

/** Still somebody's work. The partial index of 005-incidents.sql lists the same three. */
export const open: readonly Status[] = ['triggered', 'acknowledged', 'mitigated']

const transitions = {
  acknowledge: { from: ['triggered'], to: 'acknowledged' },
  resolve: { from: ['triggered', 'acknowledged', 'mitigated'], to: 'resolved' }
} as const satisfies Record<string, { from: readonly Status[], to: Status }>

export type Action = keyof typeof transitions

export function outcomeOf (status: Status, action: Action): { kind: 'move', to: Status } | { kind: 'already' } | { kind: 'conflict' } {
  const { from, to } = transitions[action]
  if (status === to) return { kind: 'already' }
  return (from as readonly Status[]).includes(status) ? { kind: 'move', to } : { kind: 'conflict' }
}
