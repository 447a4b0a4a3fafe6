import t from 'tap'
import { readSmtp } from '../smtp-settings.ts'

const from = 'Aurora <aurora@example.org>'
const read = (SMTP_URL: string, secrets: Record<string, string> = {}, MAIL_FROM = from) => readSmtp({ SMTP_URL, MAIL_FROM }, secrets)

t.test('without an address there is no mail server', async t => {
  t.equal(read('', {}, ''), null)
})

t.test('what leaves this machine is encrypted, by whatever name it goes', async t => {
  const table: Record<string, [string, number]> = {
    'smtps://mail.example.org': ['tls', 465],
    'smtps://mail.example.org:2465': ['tls', 2465],
    'smtp://mail.example.org': ['starttls', 587],
    'smtp://10.0.0.5:25': ['starttls', 25],
    'smtp://localhost:1025': ['none', 1025],
    'smtp://127.0.0.1:1025': ['none', 1025],
    'smtp://127.9.9.9:1025': ['none', 1025],
    'smtp://[::1]:1025': ['none', 1025],
    'smtps://localhost': ['tls', 465],
    'smtp://localhost.example.org': ['starttls', 587],
    'smtp://127.0.0.1.example.org': ['starttls', 587],
    'smtp://[::2]': ['starttls', 587],
    'smtp://0.0.0.0': ['starttls', 587]
  }
  for (const [url, [encryption, port]] of Object.entries(table)) t.match(read(url), { encryption, port }, url)
})

t.test('the user stands in the address and the password in Vault; one without the other does not start', async t => {
  t.match(read('smtps://aurora%40example.org@mail.example.org', { smtpPassword: 'x' }), { user: 'aurora@example.org', password: 'x', host: 'mail.example.org' })
  t.throws(() => read('smtps://aurora@mail.example.org'), /SMTP_PASSWORD_FILE/)
  const error = t.throws(() => read('smtps://aurora:hunter22@mail.example.org', { smtpPassword: 'x' })) as Error
  t.match(error.message, 'must hold no password')
  t.notMatch(error.message, 'hunter22')
})

t.test('what is no address of a mail server, or no sender, is told at start', async t => {
  for (const url of ['https://mail.example.org', 'smtps://', 'smtp://mail.example.org/x', 'smtp://mail.example.org?tls=no', 'mail.example.org']) t.throws(() => read(url), /SMTP_URL is an address like/, url)
  for (const sender of ['', 'Aurora', 'a@example.org, b@example.org', 'Aurora <>', 'x: a@example.org, b@example.org;']) t.throws(() => read('smtps://mail.example.org', {}, sender), /MAIL_FROM/, sender)
  t.match(read('smtps://mail.example.org', {}, 'aurora@example.org'), { from: { name: 'Aurora', address: 'aurora@example.org' } })
})
