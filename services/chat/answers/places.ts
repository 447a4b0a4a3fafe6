/** How many answers this process writes at once: each holds a connection to a model. Nobody's share is the whole. */
import { unavailable } from '#shared/errors'
import type { Speaker } from '../speaker.ts'

const IN_ALL = 200
const PER_ORGANISATION = 50
const PER_PERSON = 5
/** Seconds. */
const COME_BACK = 5

export function createPlaces () {
  const taken = new Map<string, number>()

  function change (key: string, by: 1 | -1) {
    const next = (taken.get(key) ?? 0) + by
    if (next === 0) taken.delete(key)
    else taken.set(key, next)
  }

  return {
    /** Takes a place at once, so that two questions of one moment do not both get the last. Throws where there is none. What comes back gives it up. */
    take ({ person, scope }: Pick<Speaker, 'person' | 'scope'>): () => void {
      const shares: Array<[key: string, most: number, words: string]> = [
        // in all their organisations together
        [`person ${person}`, PER_PERSON, `${PER_PERSON} of your answers are being written. Stop one, or try again when one has ended.`],
        [`organisation ${scope.organisation}`, PER_ORGANISATION, 'Too many answers are being written for your organisation. Try again in a moment.'],
        ['all', IN_ALL, 'Too many answers are being written. Try again in a moment.']
      ]
      for (const [key, most, words] of shares) if ((taken.get(key) ?? 0) >= most) throw unavailable(words, COME_BACK)
      for (const [key] of shares) change(key, 1)
      let left = false
      return () => {
        if (left) return
        left = true
        for (const [key] of shares) change(key, -1)
      }
    }
  }
}
