import type { Mutation } from './mutation.ts'

const walls = ['shared/test/walls.test.ts']

export const skeleton: Mutation[] = [
  { guard: 'a peer is one URI SAN, not the first of several', file: 'shared/peers.ts', find: 'uris.length !== 1 || ', replace: '', tests: ['shared/test/peers.test.ts'], alone: true },
  { guard: 'a route refuses callers that it does not name', file: 'shared/walls.ts', find: 'callers?.includes(caller.peer) !== true', replace: 'false', tests: walls, alone: true },
  { guard: 'a route without callers does not start', file: 'shared/walls.ts', find: 'if (callers === undefined) throw', replace: 'if (callers === undefined) return; else if (false) throw', tests: walls, alone: true },
  { guard: 'a route with an empty list of callers does not start', file: 'shared/walls.ts', find: 'if (callers.length === 0) throw', replace: 'if (false) throw', tests: walls, alone: true },
  { guard: 'hook and public routes refuse a token', file: 'shared/walls.ts', find: 'if (request.headers.authorization !== undefined) throw', replace: 'if (false) throw', tests: walls, alone: true },
  { guard: 'a person route refuses services', file: 'shared/walls.ts', find: 'if (principal.kind !== access) throw', replace: 'if (false) throw', tests: walls, alone: true },
  { guard: 'a sensitive route wants a fresh proof', file: 'shared/walls.ts', find: 'Date.now() / 1000 - provedAt < proofLifetime', replace: 'true', tests: walls, alone: true },
  { guard: 'only a person can be asked for a proof', file: 'shared/walls.ts', find: "if (stepUp !== undefined && access !== 'person') throw", replace: 'if (false) throw', tests: walls, alone: true },
  { guard: 'a token must hold the route\'s scope', file: 'shared/walls.ts', find: '(needed !== null && !principal.scopes.has(needed))', replace: 'false', tests: walls, alone: true },
  { guard: 'a token is for one audience', file: 'shared/tokens.ts', find: '      audience,\n      clockTolerance', replace: '      clockTolerance', tests: walls, alone: true },
  { guard: 'a token is from our issuer', file: 'shared/tokens.ts', find: '      issuer,\n', replace: '', tests: walls, alone: true },
  { guard: 'a token is of the access token type', file: 'shared/tokens.ts', find: "      typ: 'at+jwt',\n", replace: '', tests: walls, alone: true },
  { guard: 'a token lives a minute at most', file: 'shared/tokens.ts', find: '      maxTokenAge: tokenLifetime,\n', replace: '', tests: walls, alone: true },
  { guard: 'a token works only from the certificate it is bound to', file: 'shared/tokens.ts', find: 'if (entry.thumbprint !== thumbprint) throw', replace: 'if (false) throw', tests: walls, alone: true },
  { guard: 'a kept token ends with its expiry', file: 'shared/tokens.ts', find: 'if (entry.principal.expires <= Date.now() / 1000) throw', replace: 'if (false) throw', tests: walls, alone: true },
  { guard: 'a revoked session\'s token is refused', file: 'shared/tokens.ts', find: 'if (isRevoked(entry.principal)) throw', replace: 'if (false) throw', tests: walls, alone: true },
  { guard: 'a body is not nested without end', file: 'shared/json-body.ts', find: 'if (depthOf(text) > maxDepth) throw', replace: 'if (false) throw', tests: ['shared/test/input.test.ts'], alone: true },
  { guard: 'a body has no __proto__', file: 'shared/json-body.ts', find: "protoAction: 'error'", replace: "protoAction: 'ignore'", tests: ['shared/test/input.test.ts'], alone: true },
  { guard: 'logs are redacted', file: 'shared/redact.ts', find: 'redacted = redacted.replace(pattern, replacement)', replace: 'redacted.replace(pattern, replacement)', tests: ['shared/test/input.test.ts'], alone: true },
  { guard: 'people cannot make us ask a private address', file: 'shared/ssrf.ts', find: "return parsed.range() === 'unicast'", replace: 'return true', tests: ['shared/test/ssrf.test.ts'], alone: true },
  { guard: 'the address that is connected to was checked', file: 'shared/ssrf.ts', find: 'lookup: trusted ? systemLookup as LookupFunction : checkedLookup', replace: 'lookup: systemLookup as LookupFunction', tests: ['shared/test/ssrf.test.ts'], alone: true },
  { guard: 'no redirect is followed', file: 'shared/ssrf.ts', find: 'if (response.statusCode >= 300 && response.statusCode < 400) throw', replace: 'if (false) throw', tests: ['shared/test/ssrf.test.ts'], alone: true },
  { guard: 'a password has no place in an address', file: 'shared/config.ts', find: "pattern: '^postgres(ql)?://[^:@/]+@'", replace: "pattern: '^postgres'", tests: ['shared/test/config.test.ts'], alone: true },
  { guard: 'a transaction that was rolled back is not reported as done', file: 'shared/database.ts', find: "if (committed.command !== 'COMMIT') throw", replace: 'if (false) throw', tests: ['shared/test/database.test.ts'] },
  { guard: 'the scope ends with its transaction', file: 'shared/database.ts', find: 'return `begin; set local app.org_id = ${literal(organisation)}; set local app.person_id', replace: "if (organisation === null) return 'begin'\n  return `begin; set app.org_id = ${literal(organisation)}; set app.person_id", tests: ['shared/test/database.test.ts'] },
  { guard: 'only UUIDs become part of the text that sets a scope', file: 'shared/database.ts', find: 'if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw', replace: 'if (false) throw', tests: ['shared/test/database.test.ts'] },
  { guard: 'a lost connection takes no further statement', file: 'shared/database.ts', find: 'if (fate.lost) throw', replace: 'if (false) throw', tests: ['shared/test/database.test.ts'] },
  { guard: 'a service\'s role is a member of no other', file: 'shared/database-walls.ts', find: 'memberships.map(other', replace: '[].map((other: { name: string })', tests: ['shared/test/database-walls.faults.test.ts'] },
  { guard: 'who has no token is counted by network', file: 'shared/limits.ts', find: 'networkOf(request.ip)', replace: 'request.ip', tests: ['shared/test/network.test.ts'] },
  { guard: 'without Redis a bucket refuses', file: 'shared/bucket.ts', find: "throw unavailable('The limit cannot be checked right now.', 2, error)", replace: 'return { allowed: error !== null, retryAfter: 0 }', tests: ['shared/test/outage.faults.test.ts'] },
  { guard: 'a bucket has an end', file: 'shared/bucket.ts', find: 'if tokens >= 1 then', replace: 'if tokens >= -1000 then', tests: ['shared/test/bucket.test.ts'] },
  { guard: 'a service does not start beside Row-Level Security', file: 'shared/database-walls.ts', find: 'if (wrong.length > 0) throw', replace: 'if (false) throw', tests: ['shared/test/database-walls.faults.test.ts'] }
]
