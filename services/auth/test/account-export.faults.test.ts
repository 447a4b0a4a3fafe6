import t from 'tap'
import { eventually, system } from '#shared/testing/system'

const aurora = await system()

t.test('with a service down the export says which part is not whole, and the others are', async t => {
  const person = await aurora.signUp()
  await aurora.stop('incidents')
  t.teardown(() => aurora.start('incidents'))
  t.match((await person.request('POST', '/api/auth/account/export')).body, {
    complete: false,
    parts: { auth: { complete: true }, secrets: { complete: true }, incidents: { complete: false, records: [] }, chat: { complete: true } }
  })
  await aurora.start('incidents')
  await eventually(async () => (await person.request('POST', '/api/auth/account/export')).body.complete === true, 'all of it', 15)
})
