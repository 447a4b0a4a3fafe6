import { randomInt } from 'node:crypto'
import { tokenIn, type TestMail } from '#shared/testing/mail'
import type { Answer } from '#shared/testing/browser'
import { system } from '#shared/testing/system'

/** Asks for a way back in from an address of its own, as the edge passes it on. */
export async function askRecovery (email: string, headers: Record<string, string> = {}): Promise<Answer> {
  const edge = await (await system()).peer('edge')
  const from = `198.19.${randomInt(256)}.${randomInt(256)}`
  return await edge.request('auth', 'POST', '/api/auth/recovery', { headers: { 'x-forwarded-for': from, ...headers }, body: { email } })
}

export const isRecovery = ({ link }: TestMail): boolean => link.includes('/recovery#')

/** The secret of the newest link for an address, once so many were mailed. */
export async function recoveryLink (email: string, atLeast = 1): Promise<string> {
  const aurora = await system()
  const before = (await aurora.mailsTo(email, 0)).length
  await askRecovery(email)
  const mails = (await aurora.mailsTo(email, before + 1)).filter(isRecovery)
  if (mails.length < atLeast) throw new Error(`${mails.length} links were mailed`)
  return tokenIn(mails.at(-1))
}

export async function completeRecovery (secret: string, password: string): Promise<Answer> {
  return await (await system()).visitor().request('POST', '/api/auth/recovery/complete', { secret, password })
}
