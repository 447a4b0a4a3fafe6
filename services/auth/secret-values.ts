import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A value that nobody guesses: 256 random bits, URL-safe. */
export const randomSecret = (): string => randomBytes(32).toString('base64url')

/** What the database keeps of such a value. It has 256 bits of its own, so a plain hash is enough. */
export const hashOf = (value: string): Buffer => createHash('sha256').update(value).digest()

/** Compares through hashes: equal time whatever the lengths. */
export const sameSecret = (given: string, expected: string): boolean => timingSafeEqual(hashOf(given), hashOf(expected))
