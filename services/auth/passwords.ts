import { invalid } from '#shared/errors'
import { foldedPassword, openCommonPasswords } from './common-passwords.ts'

/** What an organisation may ask for lies between this and 64. */
export const shortest = 8
export const longest = 256

// Read as the module is loaded: a service that cannot judge passwords does not start.
const isCommon = openCommonPasswords(new URL('./common-passwords.bin', import.meta.url))

/** What whoever guesses at an Aurora tries beside the lists: its name, what it is for, its roles and parts. docs/passwords.md prints them. */
export const contextWords = [
  'aurora', 'incident', 'incidents', 'response', 'responder', 'oncall', 'on-call', 'alert', 'alerts', 'postmortem', 'runbook', 'owner', 'admin', 'administrator', 'viewer', 'organisation',
  'organization', 'workspace', 'vault', 'openbao', 'postgres', 'valkey', 'redis', 'nginx', 'kubernetes', 'pagerduty', 'grafana', 'alertmanager', 'datadog', 'github'
]

/** The same password from every keyboard (NFKC). What is hashed and what is compared goes through here. */
export const normalPassword = (password: string): string => password.normalize('NFKC')

/**
 * A password that somebody chooses, in its normal form. Lengths are counted in code points; there are no rules of composition. `minimum` is what the
 * strictest of the person's organisations asks for. Throws `validation`.
 */
export function newPassword (password: string, email: string, minimum: number): string {
  const normal = normalPassword(password)
  const length = Array.from(normal).length
  if (length < minimum) throw refused(`must have at least ${minimum} characters`)
  if (length > longest) throw refused(`must have at most ${longest} characters`)
  if (isCommon(normal)) throw refused('is on the list of passwords that leaked and are tried first: choose another')
  const folded = foldedPassword(normal)
  if (isMadeOf(folded, [email, ...email.split('@'), ...email.split(/[^\p{L}\p{N}]+/u)])) throw refused('is too much like the e-mail address')
  if (isMadeOf(folded, contextWords)) throw refused('is made of words that everybody would try here: choose another')
  return normal
}

/** Whether hardly anything is left of the password without these words, longest first. All is in its folded form; an address is in its normal form, so folded. */
function isMadeOf (folded: string, words: string[]): boolean {
  const parts = words.filter(word => Array.from(word).length >= 4).sort((a, b) => b.length - a.length)
  const rest = parts.reduce((left, part) => left.replaceAll(part, ''), folded)
  // What people add is a year and an exclamation mark.
  return rest !== folded && Array.from(rest.replace(/[\p{N}\p{P}\p{Z}\p{Sc}\p{Sk}\p{Sm}]+/gu, '')).length < 4
}

const refused = (message: string) => invalid([{ path: '/password', message }])
