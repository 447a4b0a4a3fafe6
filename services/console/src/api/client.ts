import { problemOf, unreachable } from './problem.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Asks Aurora's public API. Throws a `Problem` for every answer that is not 2xx, and when nobody answers within 20 s. */
export async function ask<T> (method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(method, path, body, signal)
  if (!response.ok) throw await problemOf(response)
  if (response.status === 204) return undefined as T
  return await response.json().catch(() => { throw unreachable() }) as T
}

async function send (method: Method, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const deadline = AbortSignal.timeout(20_000)
  try {
    return await fetch(path, {
      method,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      headers: body === undefined ? { accept: 'application/json' } : { accept: 'application/json', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw unreachable()
  }
}

export const segment = (value: string | number) => encodeURIComponent(String(value))
