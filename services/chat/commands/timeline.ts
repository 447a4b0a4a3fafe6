import type { TimelineEntry } from '../incidents.ts'
import { numberOf, type Command } from './command.ts'
import { timeOf } from './time.ts'

export const timeline: Command = {
  usage: '/timeline N',
  summary: 'what happened in incident number N, in order',

  async * run (argument, incidents) {
    const number = numberOf(argument)
    if (number === null) return yield 'Which incident? Write /timeline N, for example /timeline 1.'
    const entries = await incidents.timeline(number)
    if (entries === null) return yield `There is no incident ${number}.`
    yield `Timeline of incident ${number}\n`
    if (entries.length === 0) yield 'Nothing yet.\n'
    for (const entry of entries) yield `${lineOf(entry)}\n`
  }
}

const lineOf = ({ at, actor, text }: TimelineEntry): string => `${timeOf(at)}  ${actor.name}: ${text}`
