import { invalid } from '#shared/errors'

export const shortest = 8
export const longest = 256

/** The same password from every keyboard (NFKC). What is hashed and what is compared goes through here. */
export const normalPassword = (password: string): string => password.normalize('NFKC')

/** Lengths are counted in code points; there are no rules of composition. Throws `validation`. */
export function newPassword (password: string, email: string): string {
  const normal = normalPassword(password)
  const length = [...normal].length
  if (length < shortest) throw invalid([{ path: '/password', message: `must have at least ${shortest} characters` }])
  if (length > longest) throw invalid([{ path: '/password', message: `must have at most ${longest} characters` }])
  const folded = normal.toLowerCase()
  const [local = ''] = email.split('@', 1)
  if (folded === email || folded === local || (local.length >= 4 && folded.replace(/[\d\W_]+$/, '') === local)) {
    throw invalid([{ path: '/password', message: 'is too much like the e-mail address' }])
  }
  return normal
}
