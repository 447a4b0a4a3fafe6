import t from 'tap'
import { failureOf } from '../vault/responses.ts'

/** An error as axios throws it: the token, the secret that was sent and the one that was answered stand in it. */
const axiosError = (status: number | undefined, data: unknown = {}) => Object.assign(new Error('Request failed with planted-canary'), {
  config: { headers: { 'X-Vault-Token': 'planted-canary' }, data: '{"data":{"apiKey":"planted-canary"}}' },
  request: { _header: 'X-Vault-Token: planted-canary' },
  response: status === undefined ? undefined : { status, data, config: { headers: { 'X-Vault-Token': 'planted-canary' } } }
})

t.test('each status is the kind that KV v2 means by it', async t => {
  const cases: Array<[number | undefined, unknown, string]> = [
    [undefined, {}, 'unavailable'],
    [400, { errors: ['check-and-set parameter did not match the current version'] }, 'conflict'],
    [400, { errors: ['something else'] }, 'invalid'],
    [403, { errors: ['permission denied'] }, 'denied'],
    [404, { errors: [] }, 'absent'],
    [404, { data: { data: null, metadata: { version: 3, deletion_time: '2026-01-01T00:00:00Z', destroyed: false } } }, 'deleted'],
    [413, {}, 'too-large'],
    [429, {}, 'unavailable'],
    [473, {}, 'unavailable'],
    [500, {}, 'unavailable'],
    [501, {}, 'unavailable'],
    [503, { errors: ['Vault is sealed'] }, 'unavailable'],
    [307, {}, 'invalid'],
    [400, 'text instead of JSON', 'invalid']
  ]
  for (const [status, data, kind] of cases) t.equal(failureOf(axiosError(status, data)).kind, kind, `${status} ${JSON.stringify(data)}`)
})

t.test('nothing of the exchange is left in the error', async t => {
  for (const status of [undefined, 400, 403, 404, 500]) {
    const failure = failureOf(axiosError(status, { errors: ['planted-canary'] }))
    const all = JSON.stringify(failure, Object.getOwnPropertyNames(failure)) + String(failure.stack) + JSON.stringify(failure)
    t.notMatch(all, /planted-canary/)
    t.equal(failure.cause, undefined)
  }
})
