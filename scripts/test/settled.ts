import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { services } from '#shared/peers'
import { openBrowser } from '#shared/testing/browser'
import { eventually } from '#shared/testing/system'
import { answersOk } from '../../infra/parts/ready.ts'
import { firstOwner } from './system.ts'

/**
 * Waits until the whole system is well again. After a test that took parts away, services come back within their own back-off:
 * the next test must not meet the end of the last one's outage.
 */
export async function settled (directory: string): Promise<void> {
  const { url, ports } = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8')) as { url: string, ports: Record<string, number> }
  const ca = await readFile(join(directory, 'certificates', 'public', 'ca.pem'), 'utf8')
  const browser = openBrowser(url, ports['edge'] as number, ca)
  const isReady = (name: string) => answersOk(ports[`${name}-metrics`] as number, '/ready', AbortSignal.timeout(2000))
  try {
    await eventually(async () => (await Promise.all(services.map(isReady))).every(Boolean), 'every service to be ready', 30)
    const { email, password } = firstOwner
    await eventually(async () => (await browser.request('POST', '/api/auth/login', { email, password })).status === 200, 'a login', 30)
    for (const path of ['/api/incidents', '/api/connections', '/api/chat/sessions']) {
      await eventually(async () => (await browser.request('GET', path)).status === 200, path, 30)
    }
    // A socket opens only when the revocation log is heard.
    const socket = await eventually(() => browser.socket('/api/chat/ws'), 'a socket', 30)
    socket.close()
  } finally {
    await browser.close()
  }
}
