import t from 'tap'
import { isForged } from '../csrf.ts'

const origins = new Set(['https://localhost:8443', 'https://console.example.org'])

const ours = ['https://localhost:8443', 'https://console.example.org']
const others = ['null', 'https://evil.example', 'http://localhost:8443', 'https://localhost', 'https://localhost:8443.evil.example', 'https://LOCALHOST:8443', 'https://localhost:8443/']

t.test('a safe method without an upgrade changes nothing, so it is nobody\'s forgery', async t => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    for (const origin of [undefined, ...ours, ...others]) {
      for (const fetchSite of [undefined, 'cross-site', 'same-site', 'same-origin', 'none']) {
        for (const hasCookie of [true, false]) t.notOk(isForged({ method, upgrade: undefined, origin, fetchSite, hasCookie }, origins))
      }
    }
  }
})

const changing = [
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'get'].map(method => ({ method, upgrade: undefined })),
  { method: 'GET', upgrade: 'websocket' }
]

t.test('an unsafe method or an upgrade', async t => {
  for (const request of changing) {
    const name = request.upgrade ?? request.method
    const forged = (origin: string | undefined, fetchSite: string | undefined, hasCookie: boolean) => isForged({ ...request, origin, fetchSite, hasCookie }, origins)
    for (const hasCookie of [true, false]) {
      for (const fetchSite of [undefined, 'cross-site', 'same-site', 'same-origin', 'none']) {
        for (const origin of ours) t.notOk(forged(origin, fetchSite, hasCookie), `${name}: from ${origin} it is let through`)
        for (const origin of others) t.ok(forged(origin, fetchSite, hasCookie), `${name}: from ${origin} it is refused`)
      }
      for (const fetchSite of ['same-origin', 'none']) t.notOk(forged(undefined, fetchSite, hasCookie), `${name}: ${fetchSite} is let through`)
      for (const fetchSite of ['same-site', 'cross-site', 'anything']) t.ok(forged(undefined, fetchSite, hasCookie), `${name}: ${fetchSite} is refused`)
    }
    t.ok(forged(undefined, undefined, true), `${name}: with a cookie and without either header it is refused`)
    t.notOk(forged(undefined, undefined, false), `${name}: a program without a cookie is let through`)
  }
})
