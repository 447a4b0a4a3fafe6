import { Type, type Static, type TObject, type TProperties } from 'typebox'
import { baseConfig } from '#shared/config'

export const incidentsConfig = {
  ...baseConfig,
  HOOK_DELIVERIES_PER_MINUTE: Type.Integer({ default: 6000, minimum: 1, description: 'Deliveries that one hook takes from one network in a minute; then its sender is told to come back.' }),
  HOOK_REFUSALS_PER_MINUTE: Type.Integer({ default: 300, minimum: 1, description: 'Deliveries that are not authentic from one address in a minute; then the answer is 429.' }),
  LIVE_STREAMS: Type.Integer({ default: 2000, minimum: 1, description: 'Open live streams of this process.' }),
  LIVE_STREAMS_PER_PERSON: Type.Integer({ default: 20, minimum: 1, description: 'Open live streams of one person.' })
} satisfies TProperties

export type IncidentsConfig = Static<TObject<typeof incidentsConfig>>
