import type { OwnSecrets } from '#shared/own-secrets'
import type { Config } from './config.ts'
import { openMailbox, type Mailbox } from './mailbox.ts'
import type { Deliver } from './mailer.ts'
import { createSmtp } from './smtp.ts'
import { readSmtp } from './smtp-settings.ts'

interface Delivery {
  deliver: Deliver
  mailbox: Mailbox | null
  close: () => Promise<void>
}

/** Where mail goes: to a mail server, or, without one, into the development mailbox. Never to both. */
export async function openMail (config: Config, secrets: OwnSecrets, ask: () => Promise<OwnSecrets>): Promise<Delivery> {
  const server = readSmtp(config, secrets)
  if (server !== null) {
    const smtp = createSmtp(server, { password: async () => (await ask())['smtpPassword'] ?? '' })
    // What lay there while there was no mail server holds links and addresses of people.
    if (config.MAILBOX_DIRECTORY !== undefined) await (await openMailbox(config.MAILBOX_DIRECTORY)).forget(0)
    return { deliver: smtp.deliver, mailbox: null, close: async () => { smtp.close() } }
  }
  if (config.MAILBOX_DIRECTORY === undefined) throw new Error('Mail has nowhere to go: set SMTP_URL and MAIL_FROM, or MAILBOX_DIRECTORY')
  const mailbox = await openMailbox(config.MAILBOX_DIRECTORY)
  return { deliver: mailbox.deliver, mailbox, close: async () => {} }
}
