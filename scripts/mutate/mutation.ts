/** A guard turned off: one place in one file, and the tests that must notice. */
export interface Mutation {
  /** What is turned off, as a sentence. */
  guard: string
  file: string
  /** Text that stands exactly once in the file. */
  find: string
  replace: string
  /** Test files (or folders) of which at least one must go red. */
  tests: string[]
  /** Tests that need no running Aurora are run by themselves, which is quicker. */
  alone?: true
}
