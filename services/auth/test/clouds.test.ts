import t from 'tap'
import { readClouds } from '../connect/registered.ts'

const cloud = { name: 'gcp-oauth', clientId: 'aurora', clientSecret: 'a-client-secret' }
const read = (list: unknown) => readClouds({ cloudProviders: typeof list === 'string' ? list : JSON.stringify(list) }, [])

t.test('what is no list of clouds ends the start without a word of it', async t => {
  t.match(read([cloud]), [{ name: 'gcp-oauth', issuer: 'https://accounts.google.com' }])
  t.throws(() => read([cloud, cloud]), /name is used twice/)
  for (const list of ['[{"clientSecret": a-client-secret}]', '[{"clientSecret":"x"a-client-secret"}]', [{ ...cloud, more: 'a-client-secret' }], [{ ...cloud, name: 'a-client-secret' }]]) {
    t.throws(() => read(list), /^cloudProviders: /)
    try { read(list) } catch (error) { t.notMatch(String(error), 'a-client') }
  }
})
