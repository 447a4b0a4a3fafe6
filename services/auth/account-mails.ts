import type { Mail } from './mailbox.ts'

/** Links that people are sent for their own account. */

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

export function emailChangeMail (publicUrl: string, to: string, token: string): Mail {
  const link = `${publicUrl}/email#token=${token}`
  return {
    to,
    subject: 'Confirm this address for your Aurora account',
    text: `Somebody, probably you, wants to use this address for their Aurora account. Follow this link within an hour, in a browser where you are signed in, to confirm it:\n\n${link}\n\nIf you did not ask for it, ignore this message: nothing happens.`,
    link
  }
}

/** To an address that has an account. Whoever asked is not told, and the reader is not told who asked. */
export function addressTakenMail (publicUrl: string, to: string): Mail {
  const link = `${publicUrl}/login`
  return {
    to,
    subject: 'This address already has an Aurora account',
    text: `Somebody, probably you, wanted to use this address for another Aurora account. It has an account already, so nothing was changed: sign in here.\n\n${link}\n\nIf that was not you, there is nothing to do.`,
    link
  }
}
