import type { Mail } from './mailbox.ts'

/** What people are told about their keys: whoever makes one with somebody else's session should not go unnoticed. */
interface About { name: string, prefix: string, organisation: string, expires: Date }

export function newApiKeyMail (publicUrl: string, to: string, { name, prefix, organisation, expires }: About, replaces: boolean): Mail {
  return notice(publicUrl, to, replaces ? 'An API key of yours was replaced' : 'A new API key of yours',
    `The API key “${name}” (${prefix}…) was ${replaces ? 'made in place of an earlier one' : 'made'} in “${organisation}”. It works until ${expires.toISOString().slice(0, 10)}.`)
}

export function endedApiKeyMail (publicUrl: string, to: string, name: string, by: string): Mail {
  return notice(publicUrl, to, 'An API key of yours was revoked', `“${by}” revoked your API key “${name}”. Whatever used it is refused from now on.`)
}

function notice (publicUrl: string, to: string, subject: string, text: string): Mail {
  const link = `${publicUrl}/account`
  return { to, subject, text: `${text}\n\nIf you know of this, there is nothing to do. If not, look at your keys and sessions, and change your password:\n\n${link}`, link }
}
