import type { Mutation } from './mutation.ts'

const test = (...names: string[]) => names.map(name => `services/auth/test/${name}.test.ts`)
const source = (name: string) => `services/auth/keys/${name}.ts`
const keysSql = 'services/auth/migrations/030-keys.sql'
const operatorSql = 'services/auth/migrations/030-operator.sql'

/** Keys that rotate and are withdrawn, and the operator's orders. */
export const keys: Mutation[] = [
  { guard: 'each cookie key has its length', file: source('entries'), find: 'if (key.length !== 32) throw', replace: 'if (false) throw', tests: test('key-entries'), alone: true },
  { guard: 'a signing key is named by its thumbprint', file: source('entries'), find: ' || kid !== thumbprintOf(x)', replace: " || typeof kid !== 'string'", tests: test('key-entries'), alone: true },
  { guard: 'a private half belongs to its public one', file: source('entries'), find: 'if (publicHalfOf(x, d) !== x) throw', replace: 'if (false) throw', tests: test('key-entries'), alone: true },
  { guard: 'a retired key keeps no private half', file: source('entries'), find: 'retire: ({ d: _d, ...key }, now)', replace: 'retire: (key, now)', tests: test('key-entries', 'key-schedule'), alone: true },
  { guard: 'one key is in use', file: source('entries'), find: "if (count('current') !== 1 || count('next') > 1) throw", replace: 'if (count === undefined) throw', tests: test('key-entries'), alone: true },
  { guard: 'a broken entry is not quoted', file: source('entries'), find: '  } catch {\n    throw new Error(`${name}: not an array`)', replace: '  } catch (error) {\n    throw error', tests: test('key-entries'), alone: true },
  { guard: 'private keys are not published', file: source('held'), find: "const jwkOf = ({ id, x }: SigningKey): JWK => ({ kty: 'OKP', crv: 'Ed25519', x,", replace: "const jwkOf = ({ id, x, d }: SigningKey): JWK => ({ kty: 'OKP', crv: 'Ed25519', x, ...d === undefined ? {} : { d },", tests: test('held-keys'), alone: true },
  { guard: 'a withdrawn key verifies nothing at auth', file: source('held'), find: 'withdrawn.has(kid) ? undefined : publicKeys.get(kid)', replace: 'publicKeys.get(kid)', tests: test('held-keys'), alone: true },
  { guard: 'a withdrawn key signs nothing', file: source('held'), find: 'if (signer === null || withdrawn.has(signer.kid)) throw', replace: 'if (signer === null) throw', tests: test('held-keys'), alone: true },
  { guard: 'a withdrawn key is not published', file: source('held'), find: 'entry.signing.filter(stands).map(jwkOf)', replace: 'entry.signing.map(jwkOf)', tests: test('held-keys'), alone: true },
  { guard: 'a withdrawn cookie key decrypts nothing', file: source('held'), find: '...entry.cookie.filter(key => key !== current && stands(key))', replace: '...entry.cookie.filter(key => key !== current)', tests: test('held-keys'), alone: true },
  { guard: 'a retired cookie key does not encrypt in place of a withdrawn one', file: source('held'), find: "key.state === 'current' && stands(key)", replace: 'stands(key)', tests: test('held-keys'), alone: true },

  { guard: 'a new key is known before it is used', file: source('schedule'), find: 'age(next, now) >= rules.lead && heldFor', replace: 'heldFor', tests: test('key-schedule'), alone: true },
  { guard: 'a new key is not used before every replica has it', file: source('schedule'), find: ' && heldFor >= settled', replace: '', tests: test('key-schedule'), alone: true },
  { guard: 'an old key stays while its tokens live', file: source('schedule'), find: 'age(key, now) >= rules.keep && heldFor >= rules.grace', replace: 'heldFor >= rules.grace', tests: test('key-schedule'), alone: true },
  { guard: 'an old key stays while a replica may have signed with it', file: source('schedule'), find: ' && heldFor >= rules.grace', replace: '', tests: test('key-schedule'), alone: true },
  { guard: 'an old cookie key stays as long as a session', file: source('schedule'), find: 'keep: (config.SESSION_ABSOLUTE_SECONDS + clockTolerance) * 1_000', replace: 'keep: tokenLife', tests: test('key-schedule'), alone: true },
  { guard: 'one rotation at a time', file: source('schedule'), find: "if (keys.some(({ state }) => state === 'next')) return { keys, steps: [] }", replace: '', tests: test('key-schedule'), alone: true },
  { guard: 'a key is followed by a new one in time', file: source('schedule'), find: 'age(current, now) >= rules.rotateAfter', replace: 'age(current, now) < 0', tests: test('key-schedule'), alone: true },
  { guard: 'a token under another key is not handed out again', file: 'services/auth/tokens.ts', find: 'const name = [signer().kid, audience,', replace: 'const name = [audience,', tests: test('minting'), alone: true },
  { guard: 'the newest keys of the cookie hold', file: 'services/auth/cookie.ts', find: 'if (mine === newest) use(next) }', replace: 'if (mine !== newest) use(next) }', tests: test('cookie'), alone: true },
  { guard: 'without usable keys no cookie opens', file: 'services/auth/cookie.ts', find: 'if (mine === newest) use(null)', replace: 'void mine', tests: test('cookie'), alone: true },
  { guard: 'without a key nobody is let in', file: 'services/auth/cookie.ts', find: "if (codec === null) throw unavailable('Nobody can be signed in right now.')\n      return codec.", replace: 'return codec?.', tests: test('cookie'), alone: true },

  { guard: 'a token that was verified ends with its key', file: 'shared/tokens.ts', find: 'if (ring.isWithdrawn(entry.kid)) throw', replace: 'if (false) throw', tests: ['shared/test/key-ring.test.ts'], alone: true },
  { guard: 'a withdrawn key verifies nothing, whatever is published', file: 'shared/tokens.ts', find: 'if (key === undefined || withdrawn.has(kid)) throw', replace: 'if (key === undefined) throw', tests: ['shared/test/key-ring.test.ts'], alone: true },
  { guard: 'a withdrawal reaches the keys', file: 'shared/tokens.ts', find: "if (kind === 'key') ring.withdraw(id)", replace: 'if (false) ring.withdraw(id)', tests: ['shared/test/key-ring.test.ts'], alone: true },
  { guard: 'the key in place of a withdrawn one is asked for soon', file: 'shared/tokens.ts', find: 'const patience = Date.now() - withdrewAt < hurry.lasts ? hurry.retryAfter : retryAfter', replace: 'const patience = withdrewAt > 0 ? retryAfter : retryAfter', tests: ['shared/test/key-ring.test.ts'], alone: true },
  { guard: 'made-up keys do not make auth be asked', file: 'shared/tokens.ts', find: ' && age > patience)', replace: ' && age > patience - patience - 1)', tests: ['shared/test/key-ring.test.ts'], alone: true },
  { guard: 'kept tokens go with a withdrawn key', file: 'shared/grants.ts', find: '        held.clear()\n      }', replace: '      }', tests: ['shared/test/grants.test.ts'], alone: true },
  { guard: 'a token from before a withdrawal is not kept', file: 'shared/grants.ts', find: ' && before === withdrawals) {', replace: ' && before <= withdrawals) {', tests: ['shared/test/grants.test.ts'], alone: true },

  { guard: 'auth alone reads and writes its keys', file: 'services/secrets/routes/service-keys.ts', find: "callers: ['auth']", replace: "callers: ['auth', 'chat', 'setup']", tests: ['services/secrets/test/service-keys.test.ts'] },
  { guard: 'passwords pass through a change of keys', file: 'services/secrets/routes/service-keys.ts', find: '{ ...values, ...texts }', replace: '{ ...texts }', tests: ['services/secrets/test/service-keys.test.ts'] },
  { guard: 'a change of keys is audited', file: 'services/secrets/routes/service-keys.ts', find: "    await record(request, { action: 'service-keys.replaced', detail })\n", replace: '', tests: ['services/secrets/test/service-keys.test.ts'] },
  { guard: 'a reading of keys is audited', file: 'services/secrets/routes/service-keys.ts', find: "    await record(request, { action: 'service-keys.read', detail: readDetail(request) })\n", replace: '', tests: ['services/secrets/test/service-keys.test.ts'] },
  { guard: 'Vault takes the keys by check-and-set alone', file: 'infra/vault/provision.ts', find: '{ cas_required: true }', replace: '{ cas_required: false }', tests: ['services/secrets/test/vault-policy.test.ts'] },
  { guard: 'the keys are written and never deleted', file: 'infra/vault/secrets.hcl', find: 'capabilities = ["read", "update"]', replace: 'capabilities = ["create", "read", "update", "delete"]', tests: ['services/secrets/test/vault-policy.test.ts'] },

  { guard: 'every replica is asked before a new key is used', file: keysSql, find: 'case when bool_and(version >= held) then', replace: 'case when bool_or(version >= held) then', tests: test('key-rotation.faults') },
  { guard: 'sessions end with stolen cookie keys', file: keysSql, find: "    where ring = 'cookie'\n", replace: "    where ring = 'none'\n", tests: test('key-withdrawal.faults') },
  { guard: 'delegations that were got with a stolen key are found by it', file: 'services/auth/subject.ts', find: ' || app.auth.keys.held.isWithdrawn(delegation.key)', replace: '', tests: test('key-withdrawal.faults') },
  { guard: 'a live stream ends with the key of its token', file: 'services/incidents/live/streams.ts', find: "    case 'key': return revoked.id === signedBy(token)\n", replace: "    case 'key': return signedBy(token) === ''\n", tests: test('key-withdrawal.faults') },
  { guard: 'a replica that cannot ask for new keys hears of the withdrawn', file: source('replica'), find: 'refuse(news?.withdrawn ?? [])', replace: 'refuse([])', tests: test('key-withdrawal.faults') },
  { guard: 'a withdrawal that was cut off is completed', file: source('replica'), find: 'if (untold.length === 0) return', replace: 'return', tests: test('key-withdrawal.faults') },
  { guard: 'an old withdrawal is not told anew', file: source('replica'), find: 'Date.now() - at.getTime() < 24 * 60 * 60_000', replace: 'at.getTime() > 0', tests: test('key-withdrawal.faults') },
  { guard: 'an entry of an earlier installation is brought up to date', file: source('rotation'), find: 'if (replica.isOld()) await', replace: 'if (false) await', tests: test('key-schedule.faults') },
  { guard: 'keys are asked for each minute whatever anyone says', file: source('keeper'), find: 'await keep(isBehind || now >= times.read)', replace: 'await keep(isBehind)', tests: test('key-schedule.faults') },
  { guard: 'keys are not kept unasked between', file: 'services/auth/routes/jwks.ts', find: "'private, no-cache'", replace: "'max-age=300'", tests: test('jwks') },

  { guard: 'the operator alone gives orders about people', file: 'services/auth/routes/operator-people.ts', find: "callers: ['setup']", replace: "callers: ['setup', 'edge', 'chat']", tests: test('operator') },
  { guard: 'the operator alone rotates keys', file: 'services/auth/routes/operator-keys.ts', find: "callers: ['setup']", replace: "callers: ['setup', 'edge', 'chat']", tests: test('operator') },
  { guard: 'the operator alone makes setup links', file: 'services/auth/routes/operator-setup.ts', find: "callers: ['setup']", replace: "callers: ['setup', 'edge', 'chat']", tests: test('operator') },
  { guard: 'an order is in the audit log', file: 'services/auth/operator.ts', find: '      await audit(sql, { action, target: person,', replace: '      void audit\n      await Promise.resolve({ action, target: person,', tests: test('operator') },
  { guard: 'who was disabled is signed out', file: 'services/auth/migrations/110-account-deletions.sql', find: '  ended := auth.operator_end_sessions(whose);', replace: '  ended := 1;', tests: test('operator') },
  { guard: 'that a person was disabled is told to everyone', file: 'services/auth/migrations/110-account-deletions.sql', find: "'person', whose::text", replace: "'session', whose::text", tests: test('operator') },
  { guard: 'no session comes back with its person', file: 'services/auth/migrations/110-account-deletions.sql', find: '    return false;\n  end if;\n\n  perform auth.operator_end_sessions(whose);\n  return true;', replace: '    return false;\n  end if;\n\n  return true;', tests: test('operator') },
  { guard: 'delegations end with the sessions of a person', file: 'services/auth/migrations/043-ends-in-turn.sql', find: '      and expires_at > now()\n', replace: '      and expires_at < now()\n', tests: test('operator') },
  { guard: 'a new setup link puts the first out of use', file: 'services/auth/routes/setup.ts', find: 'return link?.same ?? sameSecret', replace: 'return link?.same === true || sameSecret', tests: test('setup') },
  { guard: 'there is no setup link after the setup', file: operatorSql, find: '    where auth.setup_needed()\n', replace: '', tests: test('operator') }
]
