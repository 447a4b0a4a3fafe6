/** How bad it is, the worst first. */
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const
export type Severity = typeof severities[number]

/**
 * What tools and people call the five steps. Letters and digits only, so that "SEV-1" and "sev1" are one word.
 * A word that nobody listed is not guessed at: the caller has a default.
 */
const words: ReadonlyMap<string, Severity> = new Map([
  ...['critical', 'crit', 'fatal', 'emergency', 'disaster', 'page', 'p1', 'sev1', 'priority1'].map(word => [word, 'critical'] as const),
  ...['high', 'error', 'err', 'major', 'urgent', 'p2', 'sev2', 'priority2'].map(word => [word, 'high'] as const),
  ...['medium', 'moderate', 'warning', 'warn', 'average', 'p3', 'sev3', 'priority3'].map(word => [word, 'medium'] as const),
  ...['low', 'minor', 'notice', 'p4', 'sev4', 'priority4'].map(word => [word, 'low'] as const),
  ...['info', 'information', 'informational', 'none', 'debug', 'ok', 'p5', 'sev5', 'priority5'].map(word => [word, 'info'] as const)
])

export function severityOf (word: unknown): Severity | undefined {
  return typeof word === 'string' ? words.get(word.toLowerCase().replace(/[^a-z0-9]/g, '')) : undefined
}

export function worstOf (given: readonly Severity[]): Severity | undefined {
  return severities.find(severity => given.includes(severity))
}
