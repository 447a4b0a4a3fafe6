import { ask, askForJsonFile } from './client.ts'

const account = '/api/auth/account'

export const exportAccount = () => askForJsonFile('POST', `${account}/export`)
export const deleteAccount = (values: { email: string }) => ask<{ goneAt: string }>('DELETE', account, values)
export const restoreAccount = (values: { token: string }) => ask<void>('POST', `${account}/restore`, values)
