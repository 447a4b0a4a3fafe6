import t from 'tap'
import { invitationMail, quoted } from '../organisation-mails.ts'

t.test('a name in a mail is quoted and holds nothing that becomes a link', async t => {
  const names: Record<string, string> = {
    Ops: '“Ops”',
    'https://elsewhere.example/login': '“https elsewhere example login”',
    'www.elsewhere.example': '“www elsewhere example”',
    'mail me@elsewhere.example': '“mail me elsewhere example”',
    'C:\\temp': '“C temp”'
  }
  for (const [name, text] of Object.entries(names)) t.equal(quoted(name), text)
  t.equal(Array.from(quoted('🦉'.repeat(200))).length, 82, 'and is cut short between characters')
})

t.test('an invitation has one link, the configured one, with the token in its fragment', async t => {
  const mail = invitationMail('https://aurora.example', 'ann@example.test', { organisation: 'Free money https://evil.example', inviter: 'evil.example/x', role: 'viewer', token: 'secret' })
  t.strictSame(`${mail.subject} ${mail.text}`.match(/https?:\S+|\w+\.\w+\S*/g), ['https://aurora.example/invitation#token=secret'])
  t.equal(mail.link, 'https://aurora.example/invitation#token=secret')
  t.notMatch(mail.subject, /\n/)
})
