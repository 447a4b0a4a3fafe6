import t, { type Test } from 'tap'
import { composeMail } from '../mail-message.ts'
import type { Mail } from '../mailbox.ts'
import { NotTaken } from '../not-taken.ts'
import { createSmtp } from '../smtp.ts'
import type { SmtpServer } from '../smtp-settings.ts'
import { mailCertificate, startHostileServer, startMailServer } from './mail-server.ts'

/** Against real mail servers in this process, and hostile ones. */
const { ca, cert, key, elsewhere } = await mailCertificate()
const other = await mailCertificate()
const password = `canary-password-${crypto.randomUUID()}`
const user = { name: 'aurora@example.org', password }
const mail: Mail = { to: 'ann@example.test', subject: 'A subject', text: 'A text\n\nhttps://aurora.test/recovery#token=secret', link: '' }
const serverAt = (port: number, changes: Partial<SmtpServer> = {}): SmtpServer =>
  ({ host: '127.0.0.1', port, encryption: 'tls', ca, user: user.name, password, from: { name: 'Aurora', address: 'aurora@example.org' }, ...changes })

function smtpAt (t: Test, ...args: Parameters<typeof createSmtp>) {
  const smtp = createSmtp(...args)
  t.teardown(smtp.close)
  return smtp
}

async function mailServer (t: Test, options: Parameters<typeof startMailServer>[0]) {
  const server = await startMailServer({ cert, key, user, ...options })
  t.teardown(server.close)
  return server
}

t.test('a message goes over TLS, by the user, as text, under an id of its row, and the next one over the same connection', async t => {
  const server = await mailServer(t, { secure: true })
  const smtp = smtpAt(t, serverAt(server.port))
  const id = crypto.randomUUID()
  await smtp.deliver(mail, id)
  await smtp.deliver(mail, id)
  const [first, second] = server.received
  t.match(first, { from: 'aurora@example.org', to: ['ann@example.test'], secure: true, user: user.name })
  for (const line of [/^From: Aurora <aurora@example\.org>\r$/m, /^To: ann@example\.test\r$/m, /^Subject: A subject\r$/m, /^Content-Type: text\/plain; charset=utf-8\r$/m, /^Auto-Submitted: auto-generated\r$/m, /^Date: .+\r$/m]) t.match(first?.raw, line)
  t.match(first?.raw, `Message-ID: <${id}@example.org>`, 'the same at each attempt')
  t.match(second?.raw, `Message-ID: <${id}@example.org>`)
  t.equal(first?.session, second?.session)
})

t.test('STARTTLS is demanded: it is used where it is offered, and where not, no word of the message and no password is said', async t => {
  const server = await mailServer(t, { secure: false })
  await smtpAt(t, serverAt(server.port, { encryption: 'starttls' })).deliver(mail, 'one')
  t.match(server.received, [{ secure: true, user: user.name }])

  const without = await mailServer(t, { secure: false, disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
  await t.rejects(smtpAt(t, serverAt(without.port, { encryption: 'starttls' })).deliver(mail, 'two'), { name: 'NotTaken', permanent: false })
  t.equal(without.received.length, 0)

  const stripping = await startHostileServer((socket, heard) => {
    if (heard.startsWith('EHLO')) socket.write('250-hello\r\n250 AUTH PLAIN LOGIN\r\n')
    else if (heard.startsWith('STARTTLS')) socket.write('454 not now\r\n')
    else socket.write('250 ok\r\n')
  })
  t.teardown(stripping.close)
  await t.rejects(smtpAt(t, serverAt(stripping.port, { encryption: 'starttls' })).deliver(mail, 'three'), { name: 'NotTaken' })
  for (const word of ['AUTH', 'MAIL', 'ann@', Buffer.from(password).toString('base64').slice(0, 12)]) t.notMatch(stripping.heard(), word)
})

t.test('what a server says in plain before the encryption begins is not believed after it', async t => {
  const injecting = await startHostileServer((socket, heard) => {
    if (heard.startsWith('EHLO')) socket.write('250-hello\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n')
    else if (heard.startsWith('STARTTLS')) socket.write('220 go\r\n250-hello\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 taken\r\n')
  })
  t.teardown(injecting.close)
  await t.rejects(smtpAt(t, serverAt(injecting.port, { encryption: 'starttls' }), { greetingTimeout: 500, deadline: 2_000 }).deliver(mail, 'one'), { name: 'NotTaken' })
  t.notMatch(injecting.heard(), 'AUTH')
})

t.test('a certificate of another authority or for another name is not accepted, nor an old TLS', async t => {
  const server = await mailServer(t, { secure: true })
  await t.rejects(smtpAt(t, serverAt(server.port, { ca: other.ca })).deliver(mail, 'one'), { name: 'NotTaken', permanent: false })
  await t.rejects(smtpAt(t, serverAt(server.port, { ca: undefined })).deliver(mail, 'two'), { name: 'NotTaken' })
  const pretender = await mailServer(t, { secure: true, ...elsewhere })
  await t.rejects(smtpAt(t, serverAt(pretender.port)).deliver(mail, 'three'), { name: 'NotTaken' })
  const old = await mailServer(t, { secure: true, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
  await t.rejects(smtpAt(t, serverAt(old.port)).deliver(mail, 'four'), { name: 'NotTaken' })
  t.equal(server.received.length + pretender.received.length + old.received.length, 0)
})

t.test('what a server refuses is told by number: for good or for now, and without a word that it said', async t => {
  const answers: Record<string, number> = { 'gone@example.test': 550, 'later@example.test': 451 }
  const server = await mailServer(t, { secure: true, refuse: address => answers[address] ?? null })
  const smtp = smtpAt(t, serverAt(server.port))
  for (const [to, permanent, message] of [['gone@example.test', true, /RCPT TO, answered 550$/], ['later@example.test', false, /RCPT TO, answered 451$/]] as const) {
    await t.rejects(smtp.deliver({ ...mail, to }, 'one'), { permanent, message })
  }
  const wrong = await smtpAt(t, serverAt(server.port, { password: `${password}-wrong` })).deliver(mail, 'two').then(() => null, (error: NotTaken) => error)
  t.match(wrong, { permanent: false, message: /^EAUTH.*answered 535$/ }, 'a wrong password is the operator\'s to mend: nothing is given up for it')
  for (const word of [password, 'not wanted', 'example.test']) t.notMatch(`${wrong?.stack} ${JSON.stringify(wrong)}`, word)
  await smtp.deliver(mail, 'three')
  t.equal(server.received.length, 1, 'and the others go on')
})

t.test('a password that was changed is asked for once the old one is refused, and no more than once a minute', async t => {
  const server = await mailServer(t, { secure: true })
  let asked = 0
  const smtp = smtpAt(t, serverAt(server.port, { password: 'the old one' }), { password: async () => { asked++; return password } })
  await t.rejects(smtp.deliver(mail, 'one'), { message: /EAUTH/ })
  await smtp.deliver(mail, 'one')
  t.equal(server.received.length, 1)
  const wrong = smtpAt(t, serverAt(server.port, { password: 'the old one' }), { password: async () => { asked++; throw new Error('Vault is sealed') } })
  for (let count = 0; count < 3; count++) await t.rejects(wrong.deliver(mail, 'two'), { message: /EAUTH/ })
  t.equal(asked, 2)
})

t.test('a server that hangs up after the message, or in the middle of anything, has not taken it', async t => {
  for (const at of ['EHLO', 'MAIL', 'RCPT', 'DATA', '\r\n.\r\n']) {
    const server = await startHostileServer((socket, heard) => {
      if (heard.startsWith(at) || (at.includes('.') && heard.endsWith(at))) socket.destroy()
      else if (heard.startsWith('DATA')) socket.write('354 go on\r\n')
      else if (/^(EHLO|MAIL|RCPT)/.test(heard)) socket.write('250 ok\r\n')
    })
    t.teardown(server.close)
    await t.rejects(smtpAt(t, serverAt(server.port, { encryption: 'none', user: '' })).deliver(mail, 'one'), { name: 'NotTaken', permanent: false }, JSON.stringify(at))
  }
})

t.test('a server that is slow, or says nothing, or too much, ends with the time of one message', async t => {
  const drip = await startHostileServer(socket => { const timer = setInterval(() => socket.write('250-and\r\n'), 20); socket.on('close', () => clearInterval(timer)) })
  const silent = await startHostileServer(() => {})
  const mute = await startHostileServer(() => {}, '')
  const loud = await startHostileServer(socket => { socket.write(`250-${'x'.repeat(1_000_000)}`) })
  for (const [name, server] of Object.entries({ drip, silent, mute, loud })) {
    t.teardown(server.close)
    const began = performance.now()
    await t.rejects(smtpAt(t, serverAt(server.port, { encryption: 'none', user: '' }), { deadline: 600 }).deliver(mail, 'one'), { name: 'NotTaken' }, name)
    t.ok(performance.now() - began < 1_500, name)
  }
})

t.test('a name that holds line breaks makes no header and no second recipient', async t => {
  const server = await mailServer(t, { secure: true })
  const smtp = smtpAt(t, serverAt(server.port))
  await smtp.deliver({ ...mail, subject: 'Invitation to “x\r\nBcc: eve@example.test\r\n\r\nbody”\u2028y\u0000' }, 'one')
  await smtp.deliver({ ...mail, to: 'ann,eve@example.test' }, 'two')
  await smtp.deliver({ ...mail, to: 'ann@example.test\r\nRCPT TO:<eve@example.test>' }, 'three').catch(() => {})
  for (const { raw, to } of server.received) {
    t.equal(to.length, 1)
    t.not(to[0], 'eve@example.test')
    t.notMatch(raw.split('\r\n\r\n')[0], /^(Bcc|body|RCPT)/mi)
  }
  t.ok(server.received.length >= 1)
  // Whatever the library would do about it.
  const { raw, to } = await composeMail({ ...mail, to: 'ann@example.test\r\nBcc: eve@example.test', subject: 'x\r\nBcc: eve\u0000\u2028y' }, 'one', { name: 'Aurora', address: 'aurora@example.org' })
  t.equal(to, 'ann@example.test Bcc: eve@example.test')
  t.match(raw.toString(), /^Subject: x Bcc: eve y\r$/m)
})

t.test('a hundred messages take three connections at most, and all arrive once', async t => {
  const server = await mailServer(t, { secure: true })
  const smtp = smtpAt(t, serverAt(server.port))
  await Promise.all(Array.from({ length: 100 }, (_, index) => smtp.deliver({ ...mail, to: `p${index}@example.test` }, `id-${index}`)))
  t.equal(new Set(server.received.flatMap(({ to }) => to)).size, 100)
  t.equal(server.received.length, 100)
  t.ok(new Set(server.received.map(({ session }) => session)).size <= 3)
})

t.test('who waits for a turn too long is not sent after its time', async t => {
  const silent = await startHostileServer(() => {})
  t.teardown(silent.close)
  const smtp = smtpAt(t, serverAt(silent.port, { encryption: 'none', user: '' }), { deadline: 400 })
  const began = performance.now()
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => smtp.deliver(mail, `id-${index}`)))
  t.ok(outcomes.every(({ status }) => status === 'rejected'))
  t.ok(performance.now() - began < 1_500)
})

t.test('a connection that ended while it was idle is not used again', async t => {
  const server = await startMailServer({ cert, key, user, secure: true })
  const smtp = smtpAt(t, serverAt(server.port))
  await smtp.deliver(mail, 'one')
  await server.close()
  await t.rejects(smtp.deliver(mail, 'two'), { name: 'NotTaken' })
  const again = await mailServer(t, { secure: true, port: server.port })
  await smtp.deliver(mail, 'two')
  t.equal(again.received.length, 1)
})
