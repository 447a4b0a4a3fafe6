import { baseConfig } from '#shared/config'
import { Type, type Static, type TObject, type TProperties } from 'typebox'

export const chatConfig = {
  ...baseConfig,
  MODEL_ALLOWED_HOSTS: Type.String({
    default: '',
    pattern: '^$|^[^,\\s]+:[0-9]+(,[^,\\s]+:[0-9]+)*$',
    description: 'Models at private addresses or over plain HTTP that the operator allows: host:port, separated by commas.'
  })
} satisfies TProperties

export type ChatConfig = Static<TObject<typeof chatConfig>>

export const modelHosts = ({ MODEL_ALLOWED_HOSTS: hosts }: ChatConfig): string[] => hosts === '' ? [] : hosts.split(',')
