import { alertmanager } from './alertmanager.ts'
import { grafana } from './grafana.ts'
import { pagerduty } from './pagerduty.ts'
import type { Source } from './source.ts'

/** Every tool that can send alerts here: a row and a file each. */
export const sources: readonly Source[] = [pagerduty, alertmanager, grafana]

export const kinds = sources.map(source => source.kind)

export function sourceOf (kind: string): Source | undefined {
  return sources.find(source => source.kind === kind)
}
