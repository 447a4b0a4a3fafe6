import t from 'tap'
import { system } from '#shared/testing/system'
import { buildOpenapi } from '../../openapi.ts'

interface Operation { summary?: string, description?: string, tags?: string[], security?: unknown[], responses?: Record<string, unknown>, 'x-permission'?: string }
interface Document { openapi: string, paths: Record<string, Record<string, Operation>> }

const document = await buildOpenapi() as unknown as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })))

t.test('every service has public routes in one OpenAPI 3.1 document', async t => {
  t.equal(document.openapi, '3.1.0')
  for (const path of ['/api/auth/login', '/api/connections/{provider}', '/api/incidents/{number}', '/hooks/{id}', '/api/chat/sessions', '/api/chat/ws']) t.ok(document.paths[path], path)
})

t.test('nothing internal is published', async t => {
  t.same(Object.keys(document.paths).filter(path => !/^\/(api|hooks)\//.test(path)), [])
})

t.test('every operation says what it does and where it belongs', async t => {
  t.same(operations.filter(({ operation }) => operation.summary === undefined || operation.tags?.length !== 1).map(each => each.name), [])
})

t.test('an operation that needs a session says so, and one that needs none does not; a key does where auth does not decide', async t => {
  t.same(document.paths['/api/incidents']?.['get']?.security, [{ session: [] }, { apiKey: [] }])
  for (const [path, method] of [['/api/api-keys', 'post'], ['/api/audit', 'get'], ['/api/auth/session', 'get']] as const) t.same(document.paths[path]?.[method]?.security, [{ session: [] }], path)
  t.equal(document.paths['/api/incidents']?.['get']?.['x-permission'], 'incident:read')
  t.same(document.paths['/api/auth/login']?.['post']?.security, [])
  t.same(document.paths['/hooks/{id}']?.['post']?.security, [])
})

t.test('whoever changes the secret of an integration is told that two at once end in 409 for one of them', async t => {
  t.match(document.paths['/api/integrations/{id}/secret']?.['put']?.description, /^409: somebody else changed it at the same moment/)
})

t.test('no way in knows a hint or a secret question', async t => {
  const text = JSON.stringify(document.paths).match(/"[a-z_]*(hint|question|maiden|mothers?_?name)[a-z_]*":/gi)
  t.same(text ?? [], [])
})

t.test('the edge serves this document to anybody', async t => {
  const aurora = await system()
  const answer = await aurora.visitor().request('GET', '/api/openapi.json')
  t.equal(answer.status, 200)
  t.same(answer.body, JSON.parse(JSON.stringify(document)))
})
