import { Type } from 'typebox'

/** Which models may be at a private address: the operator's to say, for whoever asks one. */
export const modelHostsSetting = Type.String({
  default: '',
  pattern: '^$|^[^,\\s]+:[0-9]+(,[^,\\s]+:[0-9]+)*$',
  description: 'Models at private addresses or over plain HTTP that the operator allows: host:port, separated by commas.'
})

export const modelHostsIn = (setting: string): string[] => setting === '' ? [] : setting.split(',')
