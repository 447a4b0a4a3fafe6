import MailComposer from 'nodemailer/lib/mail-composer'
import type { Mail } from './mailbox.ts'

export interface Composed { raw: Buffer, to: string }

/**
 * A message as it goes out: text only. Its Message-ID is made of its row in the outbox, so one that was sent twice (its mailer died between the server's answer
 * and its own note) is known again by who receives it.
 */
export async function composeMail (mail: Mail, id: string, from: { name: string, address: string }): Promise<Composed> {
  const to = onOneLine(mail.to)
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1)
  const raw = await new MailComposer({
    from,
    to: { name: '', address: to },
    subject: onOneLine(mail.subject),
    text: mail.text,
    messageId: `<${id}@${domain}>`,
    // RFC 3834: no answering machine answers, and none of ours would.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true
  }).compile().build()
  return { raw, to }
}

/** A name with a line break would be a header of its sender's choosing. */
// eslint-disable-next-line no-control-regex
const onOneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim()
