/** An error as a person can read it: RFC 9457 problem+json of a service, or what stands for it when none answered. */
export interface Problem extends Error {
  /** 0 when nobody answered. */
  status: number
  code: string
  title: string
  detail: string | null
  requestId: string | null
  retryAfter: number | null
  fields: ReadonlyArray<{ path: string, message: string }>
}

interface ProblemBody {
  type?: string
  title?: string
  detail?: string
  requestId?: string
  retryAfter?: number
  errors?: Array<{ path: string, message: string }>
}

export function problem (fields: Partial<Problem> & { title: string }): Problem {
  const { title, status = 0, code = 'unreachable', detail = null, requestId = null, retryAfter = null } = fields
  return Object.assign(new Error(title), {
    name: 'Problem', title, status, code, detail, requestId, retryAfter, fields: fields.fields ?? []
  })
}

export function isProblem (error: unknown): error is Problem {
  return error instanceof Error && error.name === 'Problem'
}

/** What to show for anything that was thrown. */
export function asProblem (error: unknown): Problem {
  if (isProblem(error)) return error
  return problem({ code: 'console', title: 'The console made a mistake', detail: 'Reload the page. If it happens again, tell whoever runs Aurora.' })
}

/** What was refused about one field of a form. */
export function fieldError (error: unknown, name: string): string | undefined {
  return isProblem(error) ? error.fields.find(({ path }) => path === `/${name}`)?.message : undefined
}

export const unreachable = () => problem({
  title: 'Aurora cannot be reached',
  detail: navigator.onLine ? 'It may be restarting. Nothing you saved is lost.' : 'This device is offline.'
})

export async function problemOf (response: Response): Promise<Problem> {
  const body = await response.json().catch(() => ({})) as ProblemBody
  const retryAfter = body.retryAfter ?? Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  return problem({
    status: response.status,
    code: body.type?.split(':').at(-1) ?? 'unknown',
    title: body.title ?? `The answer was ${response.status}`,
    detail: body.detail ?? null,
    requestId: body.requestId ?? response.headers.get('x-request-id'),
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : null,
    fields: body.errors ?? []
  })
}
