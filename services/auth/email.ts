import { invalid } from '#shared/errors'

/**
 * The one form of an address: NFKC, trimmed, case-folded. ` Ann@Example.org ` is the account of ann@example.org, for its failure counters too:
 * otherwise case and spaces would give an attacker a fresh counter (OpenBao had that).
 */
export function emailOf (text: string): string {
  const email = text.normalize('NFKC').trim().toLowerCase().normalize('NFKC')
  // Anything else is for the mail server to judge; white space and control characters would be headers of ours.
  // eslint-disable-next-line no-control-regex
  if (email.length > 254 || !/^[^\s@<>\u0000-\u001f\u007f]+@[^\s@<>\u0000-\u001f\u007f]+$/.test(email)) throw invalid([{ path: '/email', message: 'is not an e-mail address' }])
  return email
}
