import type { Mutation } from './mutation.ts'

const test = (...names: string[]) => names.map(name => `services/auth/test/${name}.test.ts`)
const imports = (...names: string[]) => names.map(name => `scripts/import-people/test/${name}.test.ts`)

/** What a password may be, what is verified and made anew, and who is brought in with one. */
export const passwords: Mutation[] = [
  { guard: 'a password has as many characters as the organisation asks for', file: 'services/auth/passwords.ts', find: 'if (length < minimum) throw', replace: 'if (length < shortest) throw', tests: test('passwords'), alone: true },
  { guard: 'the strictest of the organisations decides on a password', file: 'services/auth/migrations/020-password-minimum.sql', find: 'coalesce(max(', replace: 'coalesce(min(', tests: test('register') },
  { guard: 'organisations of others do not decide on a password', file: 'services/auth/migrations/020-password-minimum.sql', find: 'where memberships.person_id = (select app.person_id())', replace: 'where memberships.person_id is not null', tests: test('register') },
  { guard: 'a leaked password is refused', file: 'services/auth/passwords.ts', find: 'if (isCommon(normal)) throw', replace: 'if (false) throw', tests: test('passwords'), alone: true },
  { guard: 'a leaked password is known in every case', file: 'services/auth/common-passwords.ts', find: ".toLowerCase().normalize('NFKC')", replace: '', tests: test('common-passwords'), alone: true },
  { guard: 'a damaged list of leaked passwords stops the start', file: 'services/auth/common-passwords.ts', find: 'if (!createHash(', replace: 'if (false && !createHash(', tests: test('common-passwords'), alone: true },
  { guard: 'a password is not the address', file: 'services/auth/passwords.ts', find: 'if (isMadeOf(folded, [email,', replace: 'if (false && isMadeOf(folded, [email,', tests: test('passwords'), alone: true },
  { guard: 'a password is measured in its normal form', file: 'services/auth/passwords.ts', find: 'const length = Array.from(normal).length', replace: 'const length = Array.from(password).length', tests: test('passwords'), alone: true },
  { guard: 'a hash that nobody can afford is not verified', file: 'services/auth/hashing.ts', find: 'digest !== undefined && formOf(digest) !== null ? digest', replace: 'digest !== undefined && formOf(digest) !== undefined ? digest', tests: test('hashing'), alone: true },
  { guard: 'bcrypt has few rounds', file: 'services/auth/password-hashes.ts', find: 'rounds >= 8 && rounds <= 14', replace: 'rounds >= 8', tests: test('password-hashes'), alone: true },
  { guard: 'bcrypt has enough rounds', file: 'services/auth/password-hashes.ts', find: 'rounds >= 8 && rounds <= 14', replace: 'rounds <= 14', tests: test('password-hashes'), alone: true },
  { guard: 'argon2 takes little memory', file: 'services/auth/password-hashes.ts', find: '&& memory <= 131_072 ', replace: '', tests: test('password-hashes'), alone: true },
  { guard: 'argon2 takes few passes', file: 'services/auth/password-hashes.ts', find: ' && memory * passes <= 524_288', replace: '', tests: test('password-hashes'), alone: true },
  { guard: 'bcrypt and NUL make no second password', file: 'services/auth/hashing-process.ts', find: " && !password.includes('\\0')", replace: '', tests: test('hashing'), alone: true },
  { guard: 'hashing has the lowest priority', file: 'services/auth/hashing-process.ts', find: '  setPriority(0, constants.priority.PRIORITY_LOW)\n', replace: '  void constants\n', tests: test('hashing'), alone: true },
  { guard: 'an outdated hash is made anew', file: 'services/auth/password-attempt.ts', find: 'if (renewal !== null) await renew(', replace: 'if (renewal === undefined) await renew(', tests: test('password-renewal') },
  { guard: 'a weaker argon2 hash is outdated', file: 'services/auth/password-hashes.ts', find: ' || form.memory < current.memory || form.memory * form.passes < current.memory * current.passes', replace: '', tests: test('password-hashes'), alone: true },
  { guard: 'what bcrypt did not see does not become the password', file: 'services/auth/password-renewal.ts', find: 'if (!isOutdated(hash) || unseen) return null', replace: 'if (!isOutdated(hash) || unseen === null) return null', tests: test('password-renewal') },
  { guard: 'a login does not fail for want of room to hash anew', file: 'services/auth/password-renewal.ts', find: '    return null\n  }\n}', replace: '    throw error\n  }\n}', tests: test('password-renewal') },
  { guard: 'a renewed hash does not undo a change', file: 'services/auth/people.ts', find: '    and hash = ${from}\n', replace: '    and hash <> ${from}\n', tests: test('password-renewal') },
  { guard: 'a renewed hash is audited', file: 'services/auth/password-renewal.ts', find: "  await audit(sql, { action: 'auth.password.renewed'", replace: "  void audit\n  void ({ action: 'auth.password.renewed'", tests: test('password-renewal') },
  { guard: 'an import writes people in their scope', file: 'services/auth/migrations/020-people-import.sql', find: 'with check (id = (select app.person_id()))', replace: 'with check (true)', tests: imports('import') },
  { guard: 'an import writes passwords in their scope', file: 'services/auth/migrations/020-people-import.sql', find: 'with check (person_id = (select app.person_id()))', replace: 'with check (true)', tests: imports('import') },
  { guard: 'an import brings nobody into another organisation', file: 'services/auth/migrations/020-people-import.sql', find: 'with check (org_id = (select app.org_id()) and person_id', replace: 'with check (person_id', tests: imports('import') },
  { guard: 'an import does not close the setup', file: 'scripts/import-people/import.ts', find: 'if (setup?.needed !== false) throw', replace: 'if (setup === undefined) throw', tests: imports('import') },
  { guard: 'an import leaves who is there', file: 'scripts/import-people/import.ts', find: 'if (found === undefined) fresh.push(person)', replace: 'if (found !== null) fresh.push(person)', tests: imports('import') },
  { guard: 'an import makes no organisation without an owner', file: 'scripts/import-people/import.ts', find: "} else if (members.some(({ role }) => role === 'owner')) {", replace: '} else if (members.length > 0) {', tests: imports('import') },
  { guard: 'an import means no organisation by its name alone', file: 'scripts/import-people/import.ts', find: 'select org_id as id from auth.imported_organisations where name = ${name}', replace: 'select id from auth.organisations where name = ${name}', tests: imports('import') },
  { guard: 'imports take turns', file: 'scripts/import-people/import.ts', find: "  await sql`select pg_advisory_xact_lock(hashtextextended('auth.import', 0))`\n", replace: '', tests: imports('import') },
  { guard: 'an imported person is audited', file: 'scripts/import-people/import.ts', find: "  await audit(sql, { action: 'auth.person.imported'", replace: "  void ({ action: 'auth.person.imported'", tests: imports('import') },
  { guard: 'an imported hash is one that is affordable', file: 'scripts/import-people/lines.ts', find: 'if (formOf(passwordHash) === null) wrong.push', replace: 'if (formOf(passwordHash) === undefined) wrong.push', tests: imports('lines'), alone: true },
  { guard: 'an imported line has no other fields', file: 'scripts/import-people/lines.ts', find: 'Errors(Line, value)', replace: 'Errors({ ...Line, additionalProperties: true }, value)', tests: imports('lines'), alone: true },
  { guard: 'an address stands once in an import', file: 'scripts/import-people/lines.ts', find: 'else errors.push({ line, message: `/email stands', replace: 'else void ({ line, message: `/email stands', tests: imports('lines'), alone: true },
  { guard: 'a password is not made of words that everybody tries here', file: 'services/auth/passwords.ts', find: 'if (isMadeOf(folded, contextWords)) throw', replace: 'if (false) throw', tests: test('passwords'), alone: true },
  { guard: 'a secret has 256 random bits', file: 'services/auth/secret-values.ts', find: 'randomBytes(32)', replace: 'randomBytes(8)', tests: test('secret-values'), alone: true }
]
