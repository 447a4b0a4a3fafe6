/**
 * The forms of a stored hash that are verified at all, with bounds on what that may cost: nobody plants a hash that keeps the hashing process busy for
 * minutes or takes its memory. A form that is not here matches no password.
 */
type Form = { scheme: 'argon2id', memory: number, passes: number } | { scheme: 'bcrypt', rounds: number }

/** Of every new hash. Memory in KiB. */
export const current = { memory: 19_456, passes: 2, lanes: 1 } as const

/** The last letters of salt and digest hold unused bits; where one is set, no password gives this text again. */
const bcrypt = /^\$2[ab]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/
const argon2id = /^\$argon2id\$v=19\$([mtp]=\d{1,7}(?:,[mtp]=\d{1,7}){2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/

export function formOf (hash: string): Form | null {
  const rounds = Number(bcrypt.exec(hash)?.[1])
  // 14 rounds take a second or two, the dearest argon2id half of one.
  if (rounds >= 8 && rounds <= 14) return { scheme: 'bcrypt', rounds }
  const parameters = argon2id.exec(hash)?.[1]
  if (parameters === undefined) return null
  const { m: memory = 0, t: passes = 0, p: lanes = 0 } = Object.fromEntries(parameters.split(',').map(pair => [pair.slice(0, 1), Number(pair.slice(2))]))
  const affordable = lanes >= 1 && lanes <= 16 && memory >= 8 * lanes && memory <= 131_072 && passes >= 1 && memory * passes <= 524_288
  return affordable ? { scheme: 'argon2id', memory, passes } : null
}

/** Whether a hash falls short of what is made today. It is made anew when its password is there the next time: at a login. */
export function isOutdated (hash: string): boolean {
  const form = formOf(hash)
  return form?.scheme !== 'argon2id' || form.memory < current.memory || form.memory * form.passes < current.memory * current.passes
}
