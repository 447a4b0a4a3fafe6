/** The closed table of commands. A new one is a file beside this and a line here. */
import type { Incidents } from '../incidents.ts'
import { parseCommand, type Command } from './command.ts'
import { helpFor } from './help.ts'
import { incident } from './incident.ts'
import { timeline } from './timeline.ts'

const commands: Map<string, Command> = new Map(Object.entries<Command>({
  help: helpFor(() => [...commands.values()]),
  incident,
  timeline
}))

export const usages = (): string => [...commands.values()].map(({ usage }) => usage).join(', ')

export async function * answerCommand (text: string, incidents: Incidents): AsyncGenerator<string> {
  const { name, argument } = parseCommand(text) ?? { name: '', argument: '' }
  const command = commands.get(name)
  if (command) yield * command.run(argument, incidents)
  else yield `There is no command /${name.slice(0, 40)}. These exist: ${usages()}.`
}
