import { LRUCache } from 'lru-cache'
import type { Database, Scope, Sql } from '#shared/database'
import { plainAddress } from './api-key-networks.ts'
import { apiKeyByHash, liveAgentKey, livePersonKey, touchApiKey, type KeyOwner, type LiveAgent } from './api-keys.ts'
import { hashOf } from './secret-values.ts'
import type { LiveSession } from './sessions.ts'

/** What a key stands for at this moment: its person, an agent, or nobody. `owner` is whose it was, for the audit log. */
export interface FoundKey { owner: KeyOwner | null, session: LiveSession | null, agent: LiveAgent | null }

export type ApiKeyFinder = ReturnType<typeof createApiKeyFinder>

const scopeOfOwner = ({ organisation, person }: KeyOwner): Scope => ({ organisation, person })

/** From a key to whom it stands for. As with sessions, only whose it is gets remembered; whether it works is asked of PostgreSQL at each request. */
export function createApiKeyFinder (database: Database) {
  const owners = new LRUCache<string, KeyOwner>({ max: 20_000 })

  /** SHA-256 without salt or stretching is right for 256 random bits: there is nothing to guess, and it is asked for at each request. */
  async function ownerOf (text: string): Promise<KeyOwner | null> {
    const hash = hashOf(text)
    const name = hash.toString('base64')
    const known = owners.get(name)
    if (known !== undefined) return known
    const [owner] = await database.resolve(sql => apiKeyByHash(sql, hash))
    if (owner !== undefined) owners.set(name, owner)
    return owner ?? null
  }

  async function alive (owner: KeyOwner, address: string | null): Promise<LiveSession | null> {
    const [found] = await database.inScope(scopeOfOwner(owner), sql => livePersonKey(sql, owner.key, address))
    if (found === undefined) return null
    const { key, scopes, ...session } = found
    return { ...session, key: { id: key, scopes } }
  }

  const touch = async (owner: KeyOwner, stale: boolean | undefined): Promise<void> => {
    if (stale === true) await database.inScope(scopeOfOwner(owner), (sql: Sql) => touchApiKey(sql, owner.key))
  }

  return {
    /** The key's session, without counting as its use: for exchanges, wherever they come from. */
    alive: (owner: KeyOwner) => alive(owner, null),

    /** Whom a key stands for that came from this address. */
    async find (text: string, ip: string): Promise<FoundKey> {
      const owner = await ownerOf(text)
      const address = plainAddress(ip)
      // An address that is none can be in no network, and null would ask about none.
      if (owner === null || address === null) return { owner, session: null, agent: null }
      if (owner.person !== null) {
        const session = await alive(owner, address)
        await touch(owner, session?.stale)
        return { owner, session, agent: null }
      }
      const [agent] = await database.inScope(scopeOfOwner(owner), sql => liveAgentKey(sql, owner.key, address))
      await touch(owner, agent?.stale)
      return { owner, session: null, agent: agent ?? null }
    }
  }
}
