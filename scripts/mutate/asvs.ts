import type { Mutation } from './mutation.ts'

const own = ['scripts/asvs/test/findings.test.ts']
const test = (...names: string[]) => names.map(name => `services/auth/test/${name}.test.ts`)

/** The account of ASVS, and what was written so that it is true. */
export const asvs: Mutation[] = [
  { guard: 'a test that the account names is there', file: 'scripts/asvs/findings.ts', find: 'return titles.has(title) ? [] :', replace: 'return titles.size > 0 ? [] :', tests: own, alone: true },
  { guard: 'a test that is left out is no evidence', file: 'scripts/asvs/evidence.ts', find: ' && !rest.some(isLeftOut)', replace: '', tests: own, alone: true },
  { guard: 'a requirement is in the account', file: 'scripts/asvs/findings.ts', find: 'return [...missing, ...wrong]', replace: 'return missing.length > 99 ? missing : wrong', tests: own, alone: true },
  { guard: 'a requirement is in the account once', file: 'scripts/asvs/findings.ts', find: 'const doubled = seen.has(row.id) ?', replace: "const doubled = seen.has('') ?", tests: own, alone: true },
  { guard: 'what is not met has a reason', file: 'scripts/asvs/findings.ts', find: "if (row.verdict !== 'met' && (", replace: "if (row.verdict === '' && (", tests: own, alone: true },
  { guard: 'a password is not made of words that everybody tries here', file: 'services/auth/passwords.ts', find: 'if (isMadeOf(folded, contextWords)) throw', replace: 'if (false) throw', tests: test('passwords'), alone: true },
  { guard: 'a secret has 256 random bits', file: 'services/auth/secret-values.ts', find: 'randomBytes(32)', replace: 'randomBytes(8)', tests: test('secret-values'), alone: true },
  { guard: 'docs/sign-in.md has the numbers of the code', file: 'services/auth/throttles.ts', find: 'account: { free: 5, longest: 60 }', replace: 'account: { free: 50, longest: 60 }', tests: test('documented'), alone: true },
  { guard: 'a password is masked as it is typed', file: 'services/console/src/components/new-password-field.tsx', find: " type='password'", replace: " type='text'", tests: ['services/console/test/password-fields.test.ts'], alone: true }
]
