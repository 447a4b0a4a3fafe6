/** What a person can do something about: one sentence, shown without a stack. */
export class StartFailure extends Error {
  constructor (sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.name = 'StartFailure'
  }
}
