import { AnswerFailure } from '../answer-failure.ts'

/** What an HTTP status of a model server means for the person. */
export const refusedByModel = (status: number): AnswerFailure => new AnswerFailure(wordsOf(status))

function wordsOf (status: number): string {
  if (status === 401 || status === 403) return `The model refused the key (${status}). Check the API key of the connection "openai".`
  if (status === 404) return 'The model server does not know this model or address (404). Check base URL and model of the connection "openai".'
  if (status === 429) return 'The model has too much to do, or your quota there is used up (429). Try again in a while.'
  if (status >= 300 && status < 400) return `The model server answered with a redirect (${status}), which is not followed. Check the base URL.`
  if (status >= 500) return `The model server has a problem of its own (${status}). Try again in a while.`
  return `The model server refused the request (${status}).`
}
