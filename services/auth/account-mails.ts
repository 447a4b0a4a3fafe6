import type { Mail } from './mailbox.ts'

/** What people are sent about their own account: a way back in, and word of each change that somebody else may have made. */

/** Minutes that a way back in lasts. */
export const recoveryMinutes = 30

export function recoveryMail (publicUrl: string, to: string, token: string): Mail {
  const link = `${publicUrl}/recovery#token=${token}`
  return {
    to,
    subject: 'Choose a new password for Aurora',
    text: `Somebody, probably you, cannot sign in to Aurora with this address. Follow this link within ${recoveryMinutes} minutes to choose a new password. It works once, and a newer one takes its place:\n\n${link}\n\nIf you did not ask for it, ignore this message: your password stays as it is.`,
    link
  }
}

/** A way back in by mail would go around the provider, and whatever it asks of its people. */
export function noPasswordMail (publicUrl: string, to: string): Mail {
  const link = `${publicUrl}/login`
  return {
    to,
    subject: 'Your Aurora account has no password',
    text: `Somebody, probably you, asked for a new password for this address. Your account has none: sign in with your provider, as before. Once signed in you can set one on the page of your account.\n\n${link}\n\nIf you did not ask for it, there is nothing to do.`,
    link
  }
}

export function passwordChangedMail (publicUrl: string, to: string, device: string, place: string, at: Date): Mail {
  return notice(publicUrl, to, 'Your Aurora password was changed',
    `The password of your account was changed on ${at.toUTCString()}, from ${device}.\nWhere: ${place}.\n\nAll other sessions of yours have ended. If it was not you, somebody else uses your account: choose a new password at once.`)
}

export function recoveredMail (publicUrl: string, to: string, device: string, place: string, at: Date): Mail {
  return notice(publicUrl, to, 'Your Aurora account has a new password',
    `A new password was chosen with a link that was mailed to this address, on ${at.toUTCString()}, from ${device}.\nWhere: ${place}.\n\nEverything that was signed in has ended. Look at the providers that vouch for you and at your other ways to sign in: what you do not know, remove. If it was not you, somebody else reads this mailbox: secure it first, then choose a new password.`)
}

function notice (publicUrl: string, to: string, subject: string, text: string): Mail {
  const link = `${publicUrl}/recovery`
  return { to, subject, text: `${text}\n\n${link}`, link }
}
