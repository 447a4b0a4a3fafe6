import { baseConfig } from '#shared/config'
import { modelHostsSetting } from '#shared/model-hosts'
import type { Static, TObject, TProperties } from 'typebox'

export const chatConfig = {
  ...baseConfig,
  MODEL_ALLOWED_HOSTS: modelHostsSetting
} satisfies TProperties

export type ChatConfig = Static<TObject<typeof chatConfig>>
