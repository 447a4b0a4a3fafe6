/**
 * Takes what looks like a secret out of text before a log or a model sees it. This is the net below the walls: code does not log secrets in
 * the first place, but an error text of a library may quote what it was given.
 */
const patterns: ReadonlyArray<readonly [RegExp, string]> = [
  // Only where a word begins (or after an escape of JSON): a run of eyJeyJ… would be looked through from each of its letters.
  [/(?:(?<![\w-])|(?<=\\[bfnrt]))eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '[token]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[private key]'],
  [/\b(?:hvs|hvb|hvr|s|b)\.[A-Za-z0-9_-]{20,}/g, '[vault token]'],
  [/\b(?:sk|rk|pk)-[A-Za-z0-9_-]{16,}/g, '[api key]'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '[aws key]'],
  // Those of installations hold a number, an underscore and the dots of a JWT.
  [/\bgh[pousr]_[A-Za-z0-9._-]{20,}|\bgithub_pat_\w{20,}/g, '[github token]'],
  [/\bhttps:\/\/hooks\.slack(?:-gov)?\.com\/services\/[\w/-]+/g, '[slack webhook]'],
  [/\bddapp_[A-Za-z0-9]{20,}/g, '[datadog key]'],
  [/(?<![\w.~-])[\w.~-]{3}[0-9]Q~[\w.~-]{20,}/g, '[azure secret]'],
  [/\baura?_[0-9A-Za-z]{20,}/g, '[api key]'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/g, '[slack token]'],
  [/\bAIza[\w-]{35}/g, '[google key]'],
  [/\bya29\.[\w-]{20,}/g, '[google token]'],
  [/\bwhsec_[A-Za-z0-9+/=_-]{16,}/g, '[webhook secret]'],
  [/(:\/\/[^\s:/@]+:)[^\s@/]+@/g, '$1[password]@'],
  [/\b(bearer|basic) [\w.~+/=-]{8,}/gi, '$1 [credential]'],
  [/(\\?["']?(?:password|passwd|secret|client_secret|api_?key|access_?key|token|private_?key|cookie)\\?["']?\s*[:=]\s*\\?["']?)(?!\[)[^\s"'\\,;}]{6,}/gi, '$1[secret]']
]

export function redact (text: string): string {
  let redacted = text
  for (const [pattern, replacement] of patterns) redacted = redacted.replace(pattern, replacement)
  return redacted
}
