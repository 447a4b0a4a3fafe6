import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { request } from 'undici'
import { Agent } from 'undici'
import type { Aurora } from '../../infra/parts/aurora.ts'
import { isLoopback } from '../../infra/parts/listen.ts'

/** What a person reads when all is ready: the address, how to trust it, and what to do next. */
export async function welcome (aurora: Aurora): Promise<string[]> {
  const ca = shown(join(aurora.directory, 'certificates', 'public', 'ca.pem'))
  const first = await setupNeeded(aurora)
    ? [
        'Set up the first owner with this link (it works once):',
        `  ${aurora.url}/setup#token=${(await readFile(aurora.setupTokenFile, 'utf8')).trim()}`
      ]
    : ['Sign in at that address.']
  return [
    '',
    `Aurora is ready at ${aurora.url}`,
    ...isNamedForOthers(aurora) ? ['Only this machine can reach it: LISTEN_HOST=0.0.0.0 opens it to others.'] : [],
    '',
    ...first,
    '',
    `Its certificate is signed by an authority of your own, ${ca}. Browsers warn until they trust it (passkeys need that):`,
    process.platform === 'darwin'
      ? `  security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db ${ca}`
      : `  sudo cp ${ca} /usr/local/share/ca-certificates/aurora.crt && sudo update-ca-certificates   (Firefox: Settings, Certificates, Import)`,
    `  curl --cacert ${ca} ${aurora.url}/api/auth/setup`,
    '',
    'Next: npm run demo in another shell shows all of it at work; Ctrl-C here stops Aurora, and npm start finds everything again.',
    `Data, keys and logs: ${shown(aurora.directory)}`
  ]
}

/** Whoever gives it a name that others use expects them to come. */
const isNamedForOthers = ({ url, hosts }: Aurora): boolean => !isLoopback(new URL(url).hostname) && hosts.every(isLoopback)

async function setupNeeded (aurora: Aurora): Promise<boolean> {
  const dispatcher = new Agent({ connect: { ca: aurora.ca, servername: 'localhost' } })
  try {
    const { statusCode, body } = await request(`https://127.0.0.1:${aurora.ports['edge']}/api/auth/setup`, {
      dispatcher, headers: { host: new URL(aurora.url).host }, headersTimeout: 5000, bodyTimeout: 5000
    })
    const answer = await body.json().catch(() => null) as { needed?: boolean } | null
    return statusCode === 200 && answer?.needed === true
  } finally {
    await dispatcher.close()
  }
}

function shown (path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}
