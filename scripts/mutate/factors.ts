import type { Mutation } from './mutation.ts'

const test = (...names: string[]) => names.map(name => `services/auth/test/${name}.test.ts`)

/** The second step of a sign-in, and what may change it. */
export const factors: Mutation[] = [
  { guard: 'who has a second factor gets no session for the first', file: 'services/auth/first-step.ts', find: 'if (factors.length > 0) {', replace: 'if (factors.length > 100) {', tests: test('factors') },
  { guard: 'a code works once', file: 'services/auth/factors.ts', find: '    and last_step < ${step}\n', replace: '', tests: test('factors') },
  { guard: 'a code is six digits and nothing else', file: 'services/auth/totp.ts', find: 'if (!/^[0-9]{6}$/.test(code)) return null', replace: 'code = code.trim()', tests: test('totp'), alone: true },
  { guard: 'a clock is off by one step at most', file: 'services/auth/totp.ts', find: 'window: 1', replace: 'window: 6', tests: test('totp'), alone: true },
  { guard: 'a recovery code works once', file: 'services/auth/recovery-codes.ts', find: '    and used_at is null\n  returning code_hash as hash`', replace: '  returning code_hash as hash`', tests: test('factor-races') },
  { guard: 'guesses at second factors are counted by person', file: 'services/auth/factor-attempt.ts', find: 'const counter = device === undefined ? person :', replace: 'const counter = device === undefined ? randomSecret() :', tests: test('factors') },
  { guard: 'a known browser has a counter of its own for second factors', file: 'services/auth/factor-attempt.ts', find: '`${person} ${device.id}`', replace: 'person', tests: test('factors') },
  { guard: 'wrong codes end the sign-in', file: 'services/auth/routes/login-factor.ts', find: '        await countPendingTry(sql, person, id)\n', replace: '', tests: test('factors') },
  { guard: 'a first step is over when the password is another', file: 'services/auth/pending-logins.ts', find: "(method <> 'pwd' or exists (", replace: "(method <> 'nothing' or exists (", tests: test('factors') },
  { guard: 'a first step lasts five minutes', file: 'services/auth/pending-logins.ts', find: '    and tries < ${pendingTries}\n    and expires_at > now()`', replace: '    and tries < ${pendingTries}`', tests: test('factors') },
  { guard: 'a proof of who has a factor is the factor', file: 'services/auth/routes/step-up.ts', find: 'if (factors.length > 0) throw', replace: 'if (factors.length > 100) throw', tests: test('factors') },
  { guard: 'a session that has shown no factor removes none', file: 'services/auth/routes/factors.ts', find: 'if (!holdsFactor(session.methods)) {', replace: 'if (session.id === id) {', tests: test('factors') },
  { guard: 'adding a factor ends the other sessions', file: 'services/auth/factor-change.ts', find: '    await endOwnSessions(sql, id)\n', replace: '', tests: test('factors') },
  { guard: 'an organisation that asks for a factor lets no service be reached without', file: 'services/auth/routes/authorize.ts', find: 'if (mustEnrol(session)) throw enrolFirst()', replace: '', tests: test('enrolment') },
  { guard: 'nor auth itself', file: 'services/auth/authenticate.ts', find: '  assertEnrolled(request, session)\n', replace: '', tests: test('enrolment') },
  { guard: 'nor by what a service holds in the name of that session', file: 'services/auth/session-finder.ts', find: 'return session === null || mustEnrol(session) ? null : session', replace: 'return session', tests: test('enrolment') },
  { guard: 'whoever asks others for a factor has one', file: 'services/auth/routes/organisation.ts', find: 'if (settings.requireFactor === true &&', replace: 'if (settings.requireFactor === false &&', tests: test('enrolment') },
  { guard: 'a seed opens for its factor alone', file: 'services/secrets/vault/transit.ts', find: "{ ciphertext: sealed, associated_data: Buffer.from(about).toString('base64') }", replace: "{ ciphertext: sealed, associated_data: '' }", tests: ['services/secrets/test/sealed-values.test.ts'] },
  { guard: 'only auth has seeds sealed and opened', file: 'services/secrets/routes/sealed-values.ts', find: "callers: ['auth']", replace: "callers: ['auth', 'chat']", tests: ['services/secrets/test/sealed-values.test.ts'] },
  { guard: 'a sign-in and the first factor take turns', file: 'services/auth/first-step.ts', find: '    await inTurnOf(sql, scope.person)\n', replace: '', tests: test('factor-races') },
  { guard: 'a sign-in that is begun ends that of no other browser', file: 'services/auth/first-step.ts', find: 'if (before !== null) await replacePending(sql, scope.person, hashOf(before))', replace: 'await sql`delete from auth.pending_logins where person_id = ${scope.person}`', tests: test('factor-races') },
  { guard: 'a second factor that nothing could compare is no guess', file: 'services/auth/factor-attempt.ts', find: '    await app.database.resolve(sql => factorUntried(sql, counter))\n', replace: '', tests: test('factor-vault.faults') },
  { guard: 'and forgives no guess', file: 'services/auth/migrations/071-factor-tries.sql', find: 'greatest(failures - 1, 0)', replace: '0', tests: test('factor-vault.faults') },
  { guard: 'a recovery code has 117 bits', file: 'services/auth/recovery-codes.ts', find: 'Array.from({ length: 6 }', replace: 'Array.from({ length: 5 }', tests: ['services/auth/test/recovery-codes.test.ts'], alone: true }
]
