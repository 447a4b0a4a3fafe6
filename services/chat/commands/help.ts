import type { Command } from './command.ts'

export const helpFor = (commands: () => Command[]): Command => ({
  usage: '/help',
  summary: 'this list',

  async * run () {
    yield 'These commands work without a model:\n'
    for (const { usage, summary } of commands()) yield `  ${usage}  ${summary}\n`
  }
})
