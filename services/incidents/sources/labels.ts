import { lineOf } from './text.ts'

/** Labels that are kept of one alert; the rest is still in the event. */
const most = 64

/**
 * Labels as text. `Object.fromEntries` defines fields instead of assigning them, so a label named `__proto__` is a
 * label and not the prototype.
 */
export function labelsOf (value: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(value)
    .slice(0, most)
    .map(([name, label]) => [lineOf(name, 128), lineOf(label, 1024)])
    .filter(([name]) => name !== ''))
}
