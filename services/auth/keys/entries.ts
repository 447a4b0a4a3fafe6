import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'

/**
 * The keys of auth as Vault keeps them: two arrays in the entry services/auth, and beside them the names of those that were withdrawn. A key is first made known (`next`), then signs or encrypts (`current`), then only
 * verifies or opens what it once signed (`retired`), and goes. Earlier installations kept plain arrays, of which the first key signed: they are read as well.
 */
export type KeyState = 'next' | 'current' | 'retired'

export interface Key {
  /** What logs and the revocation log call it: a signing key's `kid` (RFC 7638), a cookie key's hash. Neither tells anything of the key. */
  id: string
  state: KeyState
  created: Date
  /** When it came into this state. */
  since: Date
}

export interface SigningKey extends Key {
  x: string
  /** The private half. A retired key has none: it verifies only. */
  d?: string
}

export interface CookieKey extends Key { key: Buffer }

export interface KeyRings { signing: SigningKey[], cookie: CookieKey[] }

export type RingName = keyof KeyRings

/** A key that was stolen, by name. It stands here from the moment it is replaced, so that whoever reads the entry can see to it that everyone knows. */
export interface WithdrawnKey { ring: RingName, id: string, at: Date }

export interface KeyEntry extends KeyRings { withdrawn: WithdrawnKey[] }

/** The same as text, as `secrets` passes it on. */
export interface KeyTexts { signingKeys?: string | undefined, cookieKeys?: string | undefined, withdrawnKeys?: string | undefined }

/** What is told apart between the two kinds of keys when they come and go. */
export interface KeyKind<K extends Key> {
  make: (state: KeyState, now: Date) => K
  retire: (key: K, now: Date) => K
}

export const signingKeys: KeyKind<SigningKey> = {
  make (state, now) {
    const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as { x: string, d: string }
    return { id: thumbprintOf(x), state, created: now, since: now, x, d }
  },
  retire: ({ d: _d, ...key }, now) => ({ ...key, state: 'retired', since: now })
}

export const cookieKeys: KeyKind<CookieKey> = {
  make: (state, now) => cookieKeyOf(randomBytes(32), { state, created: now, since: now }),
  retire: (key, now) => ({ ...key, state: 'retired', since: now })
}

/** As they are written: the key that signs or encrypts stands first, where a release that knows of no states looks for it. */
export const signingEntry = (keys: SigningKey[]) => inOrder(keys).map(({ id, x, d, ...key }) => ({
  kty: 'OKP', crv: 'Ed25519', x, ...d === undefined ? {} : { d }, kid: id, alg: 'EdDSA', use: 'sig', ...timesOf(key)
}))

export const cookieEntry = (keys: CookieKey[]) => inOrder(keys).map(({ key, ...rest }) => ({ key: key.toString('base64'), ...timesOf(rest) }))

export const withdrawnEntry = (keys: WithdrawnKey[]) => keys.map(({ at, ...key }) => ({ ...key, at: at.toISOString() }))

/** Throws, without a word of their content, for what would otherwise fail at each request. `isOld`: it is of an earlier installation. */
export function readEntry (texts: KeyTexts, now = new Date()): KeyEntry & { isOld: boolean } {
  const [signing, cookie] = [parse(texts.signingKeys, 'signingKeys'), parse(texts.cookieKeys, 'cookieKeys')]
  if (signing.length === 0) throw new Error('signingKeys: there is none')
  if (cookie.length === 0) throw new Error('cookieKeys: there is none')
  return {
    withdrawn: parse(texts.withdrawnKeys, 'withdrawnKeys').map(withdrawnKeyOf),
    signing: checked('signingKeys', signing.map((item, index) => signingKeyOf(item, stateOf('signingKeys', item, index, now)))),
    cookie: checked('cookieKeys', cookie.map((item, index) => {
      const { key } = typeof item === 'string' ? { key: item } : item as { key?: unknown }
      return cookieKeyOf(Buffer.from(typeof key === 'string' ? key : '', 'base64'), stateOf('cookieKeys', item, index, now))
    })),
    isOld: [...signing, ...cookie].some(item => !hasState(item))
  }
}

type Times = Omit<Key, 'id'>

function signingKeyOf (item: unknown, times: Times): SigningKey {
  const { kty, crv, x, d, kid } = item as Record<string, unknown>
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || kid !== thumbprintOf(x)) throw new Error('signingKeys: each must be an Ed25519 JWK that is named by its thumbprint')
  if (typeof d !== 'string') {
    if (times.state === 'retired' && d === undefined && hasState(item)) return { id: kid, x, ...times }
    throw new Error('signingKeys: a key that signs must have its private half')
  }
  if (publicHalfOf(x, d) !== x) throw new Error('signingKeys: a private half must belong to its public one')
  return { id: kid, x, d, ...times }
}

/** secure-session accepts an array in which one key has a wrong length, and then fails at the first cookie. */
function cookieKeyOf (key: Buffer, times: Times): CookieKey {
  if (key.length !== 32) throw new Error('cookieKeys: each must be 32 bytes in base64')
  return { id: createHash('sha256').update('aurora cookie key').update(key).digest('base64url'), key, ...times }
}

function withdrawnKeyOf (item: unknown): WithdrawnKey {
  const { ring, id, at } = item as Record<string, unknown>
  const time = new Date(String(at))
  if ((ring !== 'signing' && ring !== 'cookie') || typeof id !== 'string' || Number.isNaN(time.getTime())) throw new Error('withdrawnKeys: each must say which key it was, and when')
  return { ring, id, at: time }
}

const hasState = (item: unknown): boolean => typeof item === 'object' && item !== null && 'state' in item

/** Of an earlier array the first was the one in use, and how old any of them is nobody wrote down: their time begins now. */
function stateOf (name: string, item: unknown, index: number, now: Date): Times {
  if (!hasState(item)) return { state: index === 0 ? 'current' : 'retired', created: now, since: now }
  const { state, created, since } = item as Record<string, unknown>
  const [createdAt, sinceAt] = [new Date(String(created)), new Date(String(since))]
  const isKnown = state === 'next' || state === 'current' || state === 'retired'
  if (!isKnown || Number.isNaN(createdAt.getTime()) || Number.isNaN(sinceAt.getTime())) throw new Error(`${name}: each must have a state and its times`)
  return { state, created: createdAt, since: sinceAt }
}

function checked<K extends Key> (name: string, keys: K[]): K[] {
  const count = (state: KeyState) => keys.filter(key => key.state === state).length
  if (count('current') !== 1 || count('next') > 1) throw new Error(`${name}: one must be in use, and one at most be next`)
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) throw new Error(`${name}: one stands there twice`)
  return keys
}

/** The message of JSON.parse quotes the text, which is secret. */
function parse (text: string | undefined, name: string): unknown[] {
  let list: unknown
  try {
    list = JSON.parse(text ?? '[]')
  } catch {
    throw new Error(`${name}: not an array`)
  }
  if (!Array.isArray(list)) throw new Error(`${name}: not an array`)
  return list.map(item => item ?? {})
}

const order: KeyState[] = ['current', 'next', 'retired']

const inOrder = <K extends Key>(keys: K[]): K[] =>
  [...keys].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.since.getTime() - a.since.getTime())

const timesOf = ({ created, state, since }: Times) => ({ created: created.toISOString(), state, since: since.toISOString() })

const thumbprintOf = (x: string): string => createHash('sha256').update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x })).digest('base64url')

function publicHalfOf (x: string, d: string): unknown {
  try {
    return createPublicKey(createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d }, format: 'jwk' })).export({ format: 'jwk' }).x
  } catch {
    return undefined
  }
}
