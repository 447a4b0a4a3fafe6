import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Agent, request } from 'undici'
import { repository } from '../../infra/parts/repository.ts'
import { operatorTls } from '../../infra/postgres/tls.ts'

export interface Operator {
  ask: <T>(method: 'GET' | 'POST', path: string, body?: object) => Promise<T>
  /** The data folder of the Aurora that runs on this machine; null for one elsewhere. */
  directory: string | null
  close: () => Promise<void>
}

/**
 * The operator at the internal address of auth, known by the certificate of `setup`: of the Aurora that runs here, or of the one at AUTH_URL, whose certificate
 * files lie in TLS_DIRECTORY.
 */
export async function openOperator (environment: NodeJS.ProcessEnv): Promise<Operator> {
  const { AUTH_URL: given, TLS_DIRECTORY: tls } = environment
  const directory = given === undefined ? resolve(environment['AURORA_DIRECTORY'] ?? join(repository, '.aurora')) : null
  const address = given ?? await addressIn(directory as string)
  if (directory === null && tls === undefined) throw new Error('Set TLS_DIRECTORY to the folder with cert.pem, key.pem and ca.pem of the peer setup.')
  const dispatcher = new Agent({ connect: { ...operatorTls(tls ?? join(directory as string, 'certificates', 'setup'), 'auth'), timeout: 5_000 } })

  return {
    directory,
    async ask <T>(method: 'GET' | 'POST', path: string, body?: object) {
      const { statusCode, body: answer } = await request(new URL(path, address), {
        dispatcher,
        method,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        headersTimeout: 15_000,
        bodyTimeout: 15_000
      }).catch((error: Error) => { throw new Error(`auth does not answer at ${address} (${error.message}): see whether it runs and whether this certificate is one of its peers.`) })
      const fields = await answer.json().catch(() => null) as { title?: string, detail?: string } | null
      if (statusCode >= 300) throw new Error(sentenceOf(statusCode, fields))
      return fields as T
    },
    close: () => dispatcher.close()
  }
}

async function addressIn (directory: string): Promise<string> {
  const text = await readFile(join(directory, 'state.json'), 'utf8').catch(() => null)
  const port = text === null ? undefined : (JSON.parse(text) as { ports: Record<string, number> }).ports['auth']
  if (port === undefined) throw new Error(`No Aurora runs in ${directory}: start it with npm start, or set AUTH_URL and TLS_DIRECTORY for one elsewhere.`)
  return `https://127.0.0.1:${port}`
}

function sentenceOf (status: number, problem: { title?: string, detail?: string } | null): string {
  if (status === 403) return 'auth refuses this certificate: it must be that of the peer setup.'
  const words = problem?.detail ?? problem?.title ?? `auth answered ${status}`
  return status === 503 ? `${words} Run this again when that is over.` : words
}
