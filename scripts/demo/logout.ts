import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Target } from './aurora.ts'
import { openBrowser } from './browser.ts'
import { openTalk } from './conversation.ts'
import type { People } from './people.ts'
import type { Report } from './report.ts'

/** The end of a session is the end everywhere, at once. */
export async function logout (target: Target, report: Report, { owner }: People): Promise<void> {
  report.section('Logout')
  await report.step('kills the cookie and the open socket within a second', async () => {
    const window = openBrowser(target)
    await window.expect(200, 'POST', '/api/auth/login', { email: owner.email, password: owner.password })
    const stolen = window.copy()
    const talk = await openTalk(window)
    const closed = once(talk.socket, 'close')
    const started = performance.now()
    await window.expect(204, 'POST', '/api/auth/logout')
    for (const path of ['/api/auth/session', '/api/incidents', '/api/connections', '/api/chat/sessions']) await stolen.expect(401, 'GET', path)
    const refused = Math.round(performance.now() - started)
    const [code] = await closed as [number]
    const milliseconds = Math.round(performance.now() - started)
    assert.ok(milliseconds <= 1000, `the socket lived for ${milliseconds} ms`)
    await Promise.all([window.close(), stolen.close()])
    return `a copy of the cookie is 401 on four routes after ${refused} ms, the socket closed with ${code} by ${milliseconds} ms`
  })
  await report.step('and leaves the person\'s other session alone', async () => { await owner.expect(200, 'GET', '/api/auth/session') })
}
