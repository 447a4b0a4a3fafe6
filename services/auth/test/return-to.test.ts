import t from 'tap'
import { pathWithin } from '../oauth/return-to.ts'

const here = 'https://aurora.example'

t.test('a path of the console is gone back to, with its query', async t => {
  for (const path of ['/', '/incidents/3', '/incidents?state=open&q=a%20b', '/account']) t.equal(pathWithin(here, path), path)
})

t.test('what leads elsewhere leads to the front page', async t => {
  for (const text of [
    undefined, '', 'incidents', 'https://elsewhere.example', 'https://aurora.example.elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', '/\t/elsewhere.example',
    '/.//elsewhere.example', '/%2e//elsewhere.example', '/..//elsewhere.example', 'javascript:alert(1)', '\t//elsewhere.example', '/api/auth/logout', `/${'x'.repeat(500)}`
  ]) t.equal(pathWithin(here, text), '/', String(text))
})
