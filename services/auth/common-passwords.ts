import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/**
 * Passwords that leaked so often that every guesser tries them, as a Bloom filter of 1 MiB, on disk and in memory: none of the list is ever let through, and
 * of other passwords fewer than one in 50,000 is refused by chance. Made by scripts/common-passwords.ts, which says from what (docs/passwords.md too).
 */
export const filterBytes = 2 ** 20

/** One form for every way to write it: what a guesser's rules try first is another case. */
export const foldedPassword = (password: string): string => password.normalize('NFKC').toLowerCase().normalize('NFKC')

/** The 16 bits of the filter that stand for a text: SHA-512 has just so many independent words. */
export function bitsOf (folded: string): number[] {
  const digest = createHash('sha512').update(folded).digest()
  return Array.from({ length: 16 }, (_, word) => digest.readUInt32LE(word * 4) % (filterBytes * 8))
}

/** Behind the filter stands its SHA-256: an empty or shortened one would let everything through and look well. Throws when it is not whole. */
export function openCommonPasswords (file: URL): (password: string) => boolean {
  const bytes = readFileSync(file)
  const filter = bytes.subarray(0, filterBytes)
  if (!createHash('sha256').update(filter).digest().equals(bytes.subarray(filterBytes))) throw new Error('The list of common passwords is damaged: passwords cannot be judged.')
  return password => bitsOf(foldedPassword(password)).every(bit => ((filter[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0)
}
