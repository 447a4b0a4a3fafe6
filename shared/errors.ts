/**
 * One error type and a closed catalogue. Handlers throw; the one error handler (problems.ts) answers RFC 9457 problem+json.
 * What is not in this list leaves a service as `internal`, without its text.
 */
export const problems = {
  'bad-request': [400, 'The request could not be understood'],
  validation: [400, 'The request does not have the expected form'],
  unauthenticated: [401, 'Sign in to continue'],
  forbidden: [403, 'This is not allowed'],
  // RFC 9470 asks for a 401, which browsers and nginx take for the end of a session: this one goes on once its person has proved themselves.
  'step-up-required': [403, 'Prove once more that it is you'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'This method is not allowed here'],
  timeout: [408, 'The request took too long to arrive'],
  conflict: [409, 'The request does not fit the current state'],
  'precondition-failed': [412, 'The resource has changed since it was read'],
  'payload-too-large': [413, 'The request is too large'],
  'unsupported-media-type': [415, 'This content type is not supported'],
  'rate-limited': [429, 'Too many requests'],
  internal: [500, 'Something went wrong on our side'],
  'bad-gateway': [502, 'A part outside Aurora answered wrongly'],
  unavailable: [503, 'A part of Aurora is not available right now']
} as const satisfies Record<string, readonly [number, string]>

export type ProblemCode = keyof typeof problems

export interface FieldError {
  /** JSON Pointer into the body, query or parameters. */
  path: string
  message: string
}

interface ProblemOptions {
  detail?: string | undefined
  errors?: FieldError[]
  /** Whole seconds after which a retry makes sense. */
  retryAfter?: number
  headers?: Record<string, string>
  cause?: unknown
}

export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly title: string
  readonly detail: string | undefined
  readonly errors: FieldError[] | undefined
  readonly retryAfter: number | undefined
  readonly headers: Record<string, string>

  constructor (code: ProblemCode, options: ProblemOptions = {}) {
    const [status, title] = problems[code]
    super(options.detail ?? title, { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.status = status
    this.title = title
    this.detail = options.detail
    this.errors = options.errors
    this.retryAfter = options.retryAfter
    this.headers = options.headers ?? {}
  }

  get statusCode (): number {
    return this.status
  }
}

/** The RFC 9457 document of a problem. */
export function problemDocument (problem: Problem, requestId: string): Record<string, unknown> {
  return {
    type: `urn:aurora:problem:${problem.code}`,
    title: problem.title,
    status: problem.status,
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
    ...(problem.retryAfter === undefined ? {} : { retryAfter: problem.retryAfter }),
    requestId
  }
}

export const badRequest = (detail: string) => new Problem('bad-request', { detail })
export const invalid = (errors: FieldError[]) => new Problem('validation', { errors })
export const unauthenticated = (detail?: string) => new Problem('unauthenticated', { detail })
export const forbidden = (detail?: string) => new Problem('forbidden', { detail })
export const stepUpRequired = () => new Problem('step-up-required', { detail: 'This needs a fresh proof that it is you.' })
/** "Not yours" and "not there" are the same answer, so this one is thrown for both. */
export const notFound = (detail?: string) => new Problem('not-found', { detail })
export const conflict = (detail: string) => new Problem('conflict', { detail })
export const tooLarge = (detail?: string) => new Problem('payload-too-large', { detail })
export const unsupportedMediaType = () => new Problem('unsupported-media-type')
export const limited = (retryAfterSeconds: number) => new Problem('rate-limited', {
  detail: `Try again in ${Math.max(1, Math.ceil(retryAfterSeconds))} s.`,
  retryAfter: Math.max(1, Math.ceil(retryAfterSeconds))
})
export const unavailable = (detail?: string, retryAfterSeconds = 2, cause?: unknown) => new Problem('unavailable', { detail, retryAfter: retryAfterSeconds, cause })
export const badGateway = (detail?: string) => new Problem('bad-gateway', { detail })
