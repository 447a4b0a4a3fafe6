import t from 'tap'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { openMailbox } from '../mailbox.ts'

const mail = (to: string) => ({ to, subject: 'A subject', text: 'A text', link: '' })
const day = 24 * 60 * 60_000

t.test('a message is kept for a day: then neither its address nor its link is left', async t => {
  const directory = t.testdir()
  const mailbox = await openMailbox(directory)
  await mailbox.deliver(mail('old@example.test'), crypto.randomUUID())
  const [name = ''] = await readdir(directory)
  const old = String(Date.now() - day - 1000).padStart(15, '0') + name.slice(15)
  await rename(join(directory, name), join(directory, old))
  await mailbox.deliver(mail('new@example.test'), crypto.randomUUID())
  t.strictSame((await mailbox.messages()).map(({ to }) => to), ['new@example.test'], 'the old one is not shown')
  t.ok((await readdir(directory)).includes(old))

  await mailbox.forget()
  const names = await readdir(directory)
  t.equal(names.length, 1)
  t.notOk(names.includes(old), 'and then it is gone')
  t.strictSame((await mailbox.messages()).map(({ to }) => to), ['new@example.test'])
})

t.test('what was cut off in the middle of writing goes too', async t => {
  const directory = t.testdir({ [`${String(Date.now() - 2 * day).padStart(15, '0')}-half.json.part`]: '{"to":' })
  const mailbox = await openMailbox(directory)
  t.strictSame(await mailbox.messages(), [])
  await mailbox.forget()
  t.strictSame(await readdir(directory), [])
})
