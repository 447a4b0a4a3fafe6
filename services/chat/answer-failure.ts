/** Why an answer ends otherwise than well, in words that the person can act on. Never holds what a model server sent. */
export class AnswerFailure extends Error {
  readonly status: 'failed' | 'interrupted'

  constructor (words: string, status: 'failed' | 'interrupted' = 'failed') {
    super(words)
    this.name = 'AnswerFailure'
    this.status = status
  }
}
