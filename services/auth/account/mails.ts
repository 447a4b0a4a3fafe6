import type { Mail } from '../mailbox.ts'
import { quoted } from '../organisation-mails.ts'

/** What people are sent about their own account. */
export function accountDeletedMail (publicUrl: string, to: string, { token, goneAt, organisations }: { token: string, goneAt: Date, organisations: string[] }): Mail {
  const link = `${publicUrl}/account/restore#token=${token}`
  const along = organisations.length === 0 ? '' : `\nWith it goes what only you were a member of: ${organisations.map(quoted).join(', ')}.`
  return {
    to,
    subject: 'Your Aurora account was deleted',
    text: `Nobody can sign in with it any more, and on ${goneAt.toISOString().slice(0, 10)} everything that Aurora holds about you is erased for good.${along}\n\nUntil then this link brings it back:\n\n${link}\n\nIf it was not you who deleted it, follow the link and change your password.`,
    link
  }
}

export function accountRestoredMail (publicUrl: string, to: string): Mail {
  const link = `${publicUrl}/login`
  return {
    to,
    subject: 'Your Aurora account is back',
    text: `The deletion of your account was undone. Everything is as it was; sign in again:\n\n${link}`,
    link
  }
}

export function accountErasedMail (publicUrl: string, to: string): Mail {
  return {
    to,
    subject: 'Your Aurora account is gone',
    text: 'Everything that Aurora held about you has been erased, the values of your connections in the vault included. What you did in incidents stays there, as done by a former member. This is the last message to you.',
    link: publicUrl
  }
}
