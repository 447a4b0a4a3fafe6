import type { Mutation } from '../mutate/mutation.ts'

/** What makes answers alike, taken out: the oracle must see each, or it sees nothing. */
export const planted: ReadonlyArray<Pick<Mutation, 'guard' | 'file' | 'find' | 'replace'> & { question: string }> = [
  {
    guard: 'an account that nobody has costs a hash as well',
    file: 'services/auth/hashing.ts',
    find: 'const matches = await run(',
    replace: 'const matches = known === undefined && digest === undefined ? false : await run(',
    question: 'login'
  },
  {
    guard: 'an address that has an account is mailed as well',
    file: 'services/auth/registration.ts',
    find: 'await mailer.enqueue(sql, person, known === null',
    replace: 'if (known === null) await mailer.enqueue(sql, person, known === null',
    question: 'register'
  }
]
