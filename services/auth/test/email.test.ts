import t from 'tap'
import { emailOf } from '../email.ts'

t.test('case, spaces around and compatibility forms are one address', async t => {
  for (const text of ['ann@example.org', ' Ann@Example.ORG ', '\tANN@EXAMPLE.ORG\n', 'ａｎｎ＠example.org', 'ann\u00a0@example.org'.replace('\u00a0', '')]) {
    t.equal(emailOf(text), 'ann@example.org', JSON.stringify(text))
  }
})

t.test('what is no address, or would be a header of a mail, is refused', async t => {
  for (const text of ['ann', 'ann@', '@example.org', 'ann@example.org\r\nbcc: eve@example.org', 'a b@example.org', 'ann@exa\u0000mple.org', '<ann@example.org>', 'gro.elpmaxe@\u202eann', 'ann\u200b@example.org', 'ann@exam\u00adple.org', 'ann\u0085@example.org', '\ud800nn@example.org', `${'a'.repeat(250)}@example.org`]) {
    t.throws(() => emailOf(text), { code: 'validation' }, JSON.stringify(text))
  }
})
