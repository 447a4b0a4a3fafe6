import { invalid } from '#shared/errors'

/**
 * The one form of an address: NFKC, trimmed, case-folded. ` Ann@Example.org ` is the account of ann@example.org, for its failure counters too:
 * otherwise case and spaces would give an attacker a fresh counter (OpenBao had that).
 */
export function emailOf (text: string): string {
  const email = text.normalize('NFKC').trim().toLowerCase().normalize('NFKC')
  // Anything else is for the mail server to judge; white space and control characters would be headers of ours, and what is not seen or turns the direction of what
  // is would be shown as somebody else's address (`\p{C}`: control, format, half a surrogate pair, unassigned).
  if (email.length > 254 || !/^[^\s@<>\p{C}]+@[^\s@<>\p{C}]+$/u.test(email)) throw invalid([{ path: '/email', message: 'is not an e-mail address' }])
  return email
}
