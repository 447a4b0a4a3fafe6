import t from 'tap'
import { readProviders } from '../oauth/providers.ts'

const provider = (name: string, issuer: string) => ({ kind: 'oidc', name, title: 'A provider', issuer, clientId: 'aurora', clientSecret: 'a-client-secret' })
const github = (name: string, site?: string) => ({ kind: 'github', name, title: 'GitHub', clientId: 'aurora', clientSecret: 'a-client-secret', ...(site === undefined ? {} : { site }) })
const read = (list: unknown) => readProviders({ loginProviders: typeof list === 'string' ? list : JSON.stringify(list) })

t.test('two providers never vouch for each other\'s people: an issuer or a name that stands twice ends the start', async t => {
  t.equal(read([provider('one', 'https://one.example'), provider('two', 'https://two.example'), github('github'), github('own', 'https://github.example')]).length, 4)
  t.throws(() => read([provider('one', 'https://one.example'), provider('two', 'https://one.example')]), /issuer is used twice/)
  t.throws(() => read([github('github'), github('again')]), /issuer is used twice/)
  t.throws(() => read([github('github'), provider('other', 'https://github.com')]), /issuer is used twice/, 'whatever kind it is')
  t.throws(() => read([provider('one', 'https://one.example'), provider('one', 'https://two.example')]), /name is used twice/)
})

t.test('what is no list of providers ends the start without a word of it', async t => {
  for (const list of ['[{"clientSecret": "a-client-secret"', [{ ...provider('one', 'https://one.example'), more: 'a-client-secret' }], [{ ...provider('one', 'ftp://a-client-secret') }]]) {
    t.throws(() => read(list), /^loginProviders: /)
    try { read(list) } catch (error) { t.notMatch(String(error), 'a-client-secret') }
  }
})
