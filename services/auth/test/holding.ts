import { request } from 'node:https'
import { system, type Person } from '#shared/testing/system'
import { askToken, authorize, delegationType, edgeToken, exchangeBody } from './asking.ts'

const aurora = await system()

/** A live stream; resolves with the milliseconds at its end. */
function stream (person: Person): Promise<{ ended: Promise<number> }> {
  return new Promise((resolve, reject) => {
    const { host } = new URL(aurora.url)
    const sent = request({ host: '127.0.0.1', port: aurora.ports['edge'], path: '/api/incidents/events', ca: aurora.ca, servername: 'localhost', headers: { host, cookie: person.cookie() } }, response => {
      if (response.statusCode !== 200) return reject(new Error(`The stream was answered with ${response.statusCode}`))
      response.resume()
      // One that stays open by mistake does not keep the test from its end.
      response.socket.unref()
      resolve({ ended: new Promise(resolve => response.once('close', () => resolve(performance.now()))) })
    })
    sent.on('error', () => {})
    sent.end()
  })
}

/** Somebody with one of everything that can be held: a session, a socket, a stream, tokens, an exchanged token, a delegation. */
export async function holder (person: Person) {
  const [chat, edge] = [await aurora.peer('chat'), await aurora.peer('edge')]
  const [incidents, forChat] = [await edgeToken(person, 'incidents'), await edgeToken(person, 'chat')]
  const exchanged = (await askToken('chat', exchangeBody(forChat, 'incidents', 'incident:read'))).body.access_token
  const { body: { handle } } = await chat.request('auth', 'POST', '/internal/delegations', { body: { subject_token: forChat, audiences: ['incidents'], scopes: ['incident:read'] } })
  const cookie = person.cookie()
  const [socket, live] = [await person.socket('/api/chat/ws'), await stream(person)]
  const uses: Record<string, () => Promise<number>> = {
    'the session at the edge': async () => (await authorize(cookie)).status,
    'the session at auth': async () => (await aurora.visitor().request('GET', '/api/auth/session', undefined, { cookie })).status,
    'a token that incidents has verified': async () => (await edge.request('incidents', 'GET', '/api/incidents', { token: incidents })).status,
    'a token that was exchanged': async () => (await chat.request('incidents', 'GET', '/api/incidents', { token: exchanged })).status,
    'a delegation': async () => (await askToken('chat', exchangeBody(handle, 'incidents', 'incident:read', delegationType))).status,
    'a new exchange of a token': async () => (await askToken('chat', exchangeBody(forChat, 'incidents', 'incident:read'))).status
  }
  return { uses, closed: Promise.all([socket.closed.then(() => performance.now()), live.ended]) }
}
