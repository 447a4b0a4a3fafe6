import { isProblem, problemOf, unreachable } from './problem.ts'
import { proveAgain } from './proof.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Asks Aurora's public API. Throws a `Problem` for every answer that is not 2xx, and when nobody answers within 20 s. What needs a fresh proof is asked once more
 * after the person has given it.
 */
export const ask = async <T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> =>
  await proved(() => askOnce<T>(method, path, body, signal))

/** The same for what is saved instead of shown, and may take minutes. Throws when it was cut short. */
export const askForFile = async (method: Method, path: string): Promise<Blob> => await proved(async () => {
  const response = await send(method, path, undefined, undefined, 15 * 60_000)
  if (!response.ok) throw await problemOf(response)
  return await response.blob().catch(() => { throw unreachable() })
})

/** Half of it is no JSON, whatever the connection says. */
export async function askForJsonFile (method: Method, path: string): Promise<Blob> {
  const file = await askForFile(method, path)
  JSON.parse(await file.text())
  return file
}

async function proved<T> (once: () => Promise<T>): Promise<T> {
  try {
    return await once()
  } catch (error) {
    if (!isProblem(error) || error.code !== 'step-up-required' || !await proveAgain()) throw error
    return await once()
  }
}

/** For the proof itself, which must not ask for another. */
export async function askOnce<T> (method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(method, path, body, signal)
  if (!response.ok) throw await problemOf(response)
  if (response.status === 204) return undefined as T
  return await response.json().catch(() => { throw unreachable() }) as T
}

async function send (method: Method, path: string, body: unknown, signal?: AbortSignal, patience = 20_000): Promise<Response> {
  const deadline = AbortSignal.timeout(patience)
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
