import type { Role } from '#shared/roles'
import type { Mail } from './mailbox.ts'

/**
 * What people are sent about an organisation. Its name and those of its people were chosen by somebody whom the reader may not know, so they are quoted, cut
 * short, and hold nothing that a mail program makes a link of: an invitation must not be the way to send a stranger's text to anyone.
 */
export function quoted (name: string): string {
  const words = name.replace(/[.:/@\\]+/g, ' ').replace(/\s+/g, ' ').trim()
  return `“${Array.from(words).slice(0, 80).join('')}”`
}

/** The same whether or not the address has an account: what it says is true for both. */
export function invitationMail (publicUrl: string, to: string, { organisation, inviter, role, token }: { organisation: string, inviter: string, role: Role, token: string }): Mail {
  const link = `${publicUrl}/invitation#token=${token}`
  return {
    to,
    subject: `Invitation to ${quoted(organisation)} on Aurora`,
    text: `${quoted(inviter)} invites you to work in ${quoted(organisation)} on Aurora, as ${role}. Follow this link within seven days to accept or to decline:\n\n${link}\n\nIf you do not know them, decline or ignore this message: nothing happens.`,
    link
  }
}

interface About { organisation: string, by: string }

export function joinedMail (publicUrl: string, to: string, { organisation, person, role }: { organisation: string, person: string, role: Role }): Mail {
  return notice(publicUrl, to, `Your invitation to ${quoted(organisation)} was accepted`,
    `${quoted(person)} has accepted your invitation and is now ${role} of ${quoted(organisation)}. If that is not the person you meant, remove them at once.`)
}

export function roleChangedMail (publicUrl: string, to: string, { organisation, by, role }: About & { role: Role }): Mail {
  return notice(publicUrl, to, `You are now ${role} of ${quoted(organisation)}`,
    `${quoted(by)} changed your role in ${quoted(organisation)}: you are now ${role}. Your sessions there have ended; sign in again to go on.`)
}

export function removedMail (publicUrl: string, to: string, { organisation, by }: About): Mail {
  return notice(publicUrl, to, `You are no longer a member of ${quoted(organisation)}`,
    `${quoted(by)} removed you from ${quoted(organisation)}. Your account and your other organisations are as they were.`)
}

export function leftMail (publicUrl: string, to: string, { organisation }: Pick<About, 'organisation'>): Mail {
  return notice(publicUrl, to, `You left ${quoted(organisation)}`,
    `You are no longer a member of ${quoted(organisation)}. If it was not you who left, somebody else uses your account: change your password, and ask an owner there to invite you again.`)
}

export function organisationDeletedMail (publicUrl: string, to: string, { organisation, by, goneAt }: About & { goneAt: Date }): Mail {
  return notice(publicUrl, to, `${quoted(organisation)} was deleted`,
    `${quoted(by)} deleted ${quoted(organisation)}. Nobody can enter it, and on ${goneAt.toISOString().slice(0, 10)} it is gone for good. Until then an owner can undo that: sign in and look under Organisation.`)
}

export function organisationRestoredMail (publicUrl: string, to: string, { organisation, by }: About): Mail {
  return notice(publicUrl, to, `${quoted(organisation)} is back`,
    `${quoted(by)} undid the deletion of ${quoted(organisation)}. Its members can sign in to it again.`)
}

function notice (publicUrl: string, to: string, subject: string, text: string): Mail {
  const link = `${publicUrl}/organisation`
  return { to, subject, text: `${text}\n\n${link}`, link }
}
