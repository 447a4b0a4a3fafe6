/**
 * A person at one socket, by the right to work for them that `auth` gave at the upgrade: the token lives a minute, the
 * delegation as long as the session, at most an hour. Sockets and answers hold it; when nobody does, it is given back.
 */
import type { Scope } from '#shared/database'
import type { Delegation } from '#shared/grants'
import type { Revocation } from '#shared/revocations'

export interface Speaker {
  person: string
  scope: Scope
  delegation: Delegation
  hold: () => void
  release: () => void
}

export function speakerOf (delegation: Delegation, giveBack: (delegation: Delegation) => void): Speaker {
  let holders = 1
  return {
    person: delegation.person,
    scope: { organisation: delegation.organisation, person: delegation.person },
    delegation,
    hold () { holders++ },
    release () { if (--holders === 0) giveBack(delegation) }
  }
}

export function isEndedBy ({ delegation }: Speaker, { kind, id }: Revocation): boolean {
  switch (kind) {
    case 'session': return id === delegation.session
    case 'person': return id === delegation.person
    case 'organisation': return id === delegation.organisation
    case 'membership': return id === `${delegation.organisation}:${delegation.person}`
    case 'delegation': return id === delegation.id
    // With a key all delegations end, each by a revocation of its own.
    case 'key': return false
  }
}
