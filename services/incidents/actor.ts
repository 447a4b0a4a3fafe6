import type { Principal } from '#shared/principal'

/** Who did something, as the timeline shows it. */
export interface Actor {
  kind: 'person' | 'source' | 'system'
  id: string | null
  name: string
}

export function personActor (person: Principal): Actor {
  const name = person.name.slice(0, 180) || 'Somebody'
  // what chat does for a person is that person's doing, and the timeline says by what way
  return { kind: 'person', id: person.id, name: person.actors.length === 0 ? name : `${name} (by ${person.actors.join(', ')})` }
}

export const sourceActor = (name: string): Actor => ({ kind: 'source', id: null, name })
