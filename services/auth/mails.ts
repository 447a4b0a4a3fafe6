import type { Mail } from './mailbox.ts'

/** What people are sent. Addresses in links come from the configuration, never from a request's Host. The token is in the fragment: it reaches no log. */
/** `by`: the provider that vouches for whoever follows the link in the browser where they began, who then needs no password. */
export function registrationMail (publicUrl: string, to: string, token: string, by: string | null): Mail {
  const link = `${publicUrl}/register/complete#token=${token}${by === null ? '' : `&by=${by}`}`
  return {
    to,
    subject: 'Finish signing up for Aurora',
    text: `Follow this link within an hour to finish${by === null ? '' : ', in the browser where you signed in with your provider: in another one you choose a password'}:\n\n${link}\n\nIf you did not ask for it, ignore this message: nothing happens.`,
    link
  }
}

export function alreadyRegisteredMail (publicUrl: string, to: string): Mail {
  const link = `${publicUrl}/login`
  return {
    to,
    subject: 'You already have an Aurora account',
    text: `Someone, probably you, wanted to sign up for Aurora with this address. It has an account already: sign in here.\n\n${link}\n\nIf that was not you, there is nothing to do.`,
    link
  }
}

export function newDeviceMail (publicUrl: string, to: string, device: string, place: string, at: Date): Mail {
  const link = `${publicUrl}/account`
  return {
    to,
    subject: 'A new device signed in to your Aurora account',
    text: `${device} signed in to your account on ${at.toUTCString()}.\nWhere: ${place}.\n\nIf that was you, there is nothing to do. If not, change your password, which ends every other session:\n\n${link}`,
    link
  }
}
