import type { Incidents } from '../incidents.ts'

/** A built-in command. It answers in plain text, not in Markdown: titles of alerts are other people's words. */
export interface Command {
  usage: string
  summary: string
  run: (argument: string, incidents: Incidents) => AsyncIterable<string>
}

/** `/name argument`, or null for what is no command. */
export function parseCommand (text: string): { name: string, argument: string } | null {
  const match = /^\/(\S*)\s*([\s\S]*)$/.exec(text.trim())
  return match ? { name: (match[1] ?? '').toLowerCase(), argument: (match[2] ?? '').trim() } : null
}

/** An incident's number as people write it: `12` or `#12`. */
export function numberOf (argument: string): number | null {
  const match = /^#?([1-9][0-9]{0,8})$/.exec(argument)
  return match ? Number(match[1]) : null
}
