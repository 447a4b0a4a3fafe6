import type { FastifyRequest } from 'fastify'
import { networkOf } from '#shared/network'
import { plainText } from '#shared/schemas'
import type { Mail } from './mailbox.ts'
import { deviceInWords, placeInWords } from './words.ts'

/**
 * What a person is told by mail of their own account: each change that somebody else may have made, and what to do if it was somebody else. A closed table, which
 * docs/mail.md prints. `happened` begins a sentence that goes on with when and from where; `link` is where that is done.
 */
export const notices = {
  'password-changed': {
    subject: 'Your Aurora password was changed',
    happened: 'The password of your account was changed',
    then: 'All other sessions of yours have ended. If it was not you, somebody else uses your account: choose a new password at once.',
    path: '/recovery'
  },
  recovered: {
    subject: 'Your Aurora account has a new password',
    happened: 'A new password was chosen with a link that was mailed to this address',
    then: 'Everything that was signed in has ended. API keys and passkeys go on: look at them, at the providers that vouch for you and at your other ways to sign in, and remove what you do not know. If it was not you, somebody else reads this mailbox: secure it first, then choose a new password.',
    path: '/recovery'
  },
  'email-asked': {
    subject: 'Your Aurora account may get another address',
    happened: 'Somebody who is signed in asked to give your account another e-mail address',
    then: 'It is changed once they follow the link that was mailed there. If it was not you, somebody else uses your account: choose a new password at once, which ends their session and the link.',
    path: '/recovery'
  },
  'email-changed': {
    subject: 'Your Aurora account has another address',
    happened: 'Your account was given another e-mail address, and is not known by this one any more',
    then: 'If it was not you, tell an administrator of your organisation and whoever runs your Aurora at once: they can end its sessions and disable it.',
    path: '/login'
  },
  'identity-linked': {
    subject: 'A provider can sign you in to Aurora',
    happened: 'A provider was allowed to vouch for you from now on',
    then: 'If it was not you, unlink it on the page of your account and change your password, which ends every other session.',
    path: '/account'
  },
  'identity-removed': {
    subject: 'A provider no longer signs you in to Aurora',
    happened: 'A provider that vouched for you was unlinked',
    then: 'If it was not you, change your password, which ends every other session, and look at your other ways to sign in.',
    path: '/account'
  },
  'factor-added': {
    subject: 'A second factor was added to your Aurora account',
    happened: 'A second factor was added to your account',
    then: 'All other sessions of yours have ended. If it was not you, somebody else uses your account: choose a new password at once, and tell whoever runs your Aurora: you will be asked for that factor, and a passkey signs in without your password.',
    path: '/recovery'
  },
  'factor-removed': {
    subject: 'A second factor was removed from your Aurora account',
    happened: 'A second factor was removed from your account',
    then: 'All other sessions of yours have ended. If it was not you, choose a new password at once and add a factor again.',
    path: '/recovery'
  },
  'recovery-codes': {
    subject: 'Your Aurora account has new recovery codes',
    happened: 'New recovery codes were made for your account, and those from before open nothing any more',
    then: 'If it was not you, choose a new password at once and make new codes.',
    path: '/recovery'
  },
  'connection-broken': {
    subject: 'A cloud that you connected to Aurora no longer works',
    happened: 'A provider stopped renewing the access that you had allowed Aurora',
    then: 'Nothing can use that connection any more. It may have been ended there, by you or an administrator, or have run out. Your connections say which one it is: disconnect it there, and connect it again if you still need it.',
    path: '/connections'
  },
  'sessions-ended': {
    subject: 'Your Aurora sessions were ended',
    happened: 'Whoever runs your Aurora ended all sessions of your account',
    then: 'Sign in again to go on. If you do not know why, ask them.',
    path: '/login'
  },
  'factors-removed': {
    subject: 'Your second factors were removed from your Aurora account',
    happened: 'Whoever runs your Aurora removed all second factors of your account, passkeys and recovery codes with them',
    then: 'All sessions of yours have ended, and your password alone signs you in. Sign in and add a factor again. If you did not ask for it, ask them why.',
    path: '/account'
  },
  disabled: {
    subject: 'Your Aurora account was disabled',
    happened: 'Whoever runs your Aurora disabled your account',
    then: 'Everything that was signed in has ended, and nobody can sign in to it. If you do not know why, ask them.',
    path: '/login'
  },
  enabled: {
    subject: 'Your Aurora account is enabled again',
    happened: 'Whoever runs your Aurora enabled your account again',
    then: 'You can sign in as before.',
    path: '/login'
  }
} as const

export type NoticeName = keyof typeof notices

/** From where a request of the person's came. Null: it was not their doing, so the place is none of theirs. */
export function noticeMail (name: NoticeName, publicUrl: string, to: string, from: FastifyRequest | null): Mail {
  const { subject, happened, then, path } = notices[name]
  const link = `${publicUrl}${path}`
  const at = new Date().toUTCString()
  const text = from === null ? `${happened}, on ${at}.` : `${happened}, on ${at}, from ${deviceOf(from)}.\nWhere: ${placeInWords(networkOf(from.ip), '')}.`
  return { to, subject, text: `${text}\n\n${then}\n\n${link}`, link }
}

const deviceOf = (request: FastifyRequest): string => deviceInWords(plainText(String(request.headers['user-agent'] ?? '').slice(0, 400)))
