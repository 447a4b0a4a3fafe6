import type { Incident } from '../incidents.ts'
import { numberOf, type Command } from './command.ts'
import { timeOf } from './time.ts'

const SHOWN_ALERTS = 10

export const incident: Command = {
  usage: '/incident N',
  summary: 'what is known about incident number N',

  async * run (argument, incidents) {
    const number = numberOf(argument)
    if (number === null) return yield 'Which incident? Write /incident N, for example /incident 1.'
    const found = await incidents.byNumber(number)
    if (found === null) return yield `There is no incident ${number}.`
    for (const line of describe(found)) yield `${line}\n`
  }
}

/** The lines that describe an incident; also what a model is shown of it. */
export function describe (incident: Incident): string[] {
  const { alerts } = incident
  return [
    `Incident ${incident.number}: ${incident.title}`,
    `Status ${incident.status}, severity ${incident.severity}, from ${incident.source}.`,
    `Opened ${timeOf(incident.createdAt)}, last changed ${timeOf(incident.updatedAt)}.`,
    ...(incident.acknowledgedBy === null ? [] : [`Acknowledged by ${incident.acknowledgedBy}.`]),
    `${incident.alertCount} ${incident.alertCount === 1 ? 'alert' : 'alerts'}${alerts.length > 0 ? ':' : '.'}`,
    ...alerts.slice(0, SHOWN_ALERTS).map(alert => `  - ${alert.title} (${alert.status})`),
    ...(alerts.length > SHOWN_ALERTS ? [`  and ${alerts.length - SHOWN_ALERTS} more`] : [])
  ]
}
