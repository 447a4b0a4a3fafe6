import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import addressparser from 'nodemailer/lib/addressparser'
import type { OwnSecrets } from '#shared/own-secrets'

/** The mail server that everything is handed to. */
export interface SmtpServer {
  host: string
  port: number
  /** From the first byte (`smtps:`), by STARTTLS, which is then demanded (`smtp:`), or none: only on this machine. */
  encryption: 'tls' | 'starttls' | 'none'
  /** PEM of the authority of its certificate; undefined for those that Node knows. */
  ca: string | undefined
  user: string
  password: string
  from: { name: string, address: string }
}

interface Settings { SMTP_URL: string, SMTP_CA_FILE?: string, MAIL_FROM: string }

/** Null is an installation without. Throws at start for what would otherwise fail with each message; the message holds no value. */
export function readSmtp ({ SMTP_URL: text, SMTP_CA_FILE: caFile, MAIL_FROM: sender }: Settings, secrets: OwnSecrets): SmtpServer | null {
  if (text === '') return null
  const url = smtpUrl(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const tls = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  const password = secrets['smtpPassword'] ?? ''
  if (user !== '' && password === '') throw new Error('SMTP_URL names a user, and Vault holds no password of theirs: name its file in SMTP_PASSWORD_FILE and prepare Vault again')
  return {
    host,
    port: url.port === '' ? tls ? 465 : 587 : Number(url.port),
    encryption: tls ? 'tls' : isThisMachine(host) ? 'none' : 'starttls',
    ca: caFile === undefined ? undefined : readFileSync(caFile, 'utf8'),
    user,
    password,
    from: senderOf(sender)
  }
}

/** Throws when it is no address of a mail server, or holds a password. */
export function smtpUrl (text: string): URL {
  const url = URL.parse(text)
  const isOne = url !== null && ['smtp:', 'smtps:'].includes(url.protocol) && url.hostname !== '' && ['', '/'].includes(url.pathname) && url.search === '' && url.hash === ''
  if (!isOne) throw new Error('SMTP_URL is an address like smtps://user@mail.example.org')
  if (url.password !== '') throw new Error('SMTP_URL must hold no password (put it in a file and name that in SMTP_PASSWORD_FILE)')
  return url
}

/** What never leaves this machine needs no encryption. A name is not looked up for that: whoever answers for it decides where it leads. */
const isThisMachine = (host: string): boolean => host === 'localhost' || (isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback')

/** `Aurora <aurora@example.org>`, or the address alone. */
function senderOf (text: string): { name: string, address: string } {
  const [sender, ...more] = addressparser(text)
  if (sender === undefined || more.length > 0 || !('address' in sender) || sender.address === undefined || !/^[^\s@<>]+@[^\s@<>]+$/.test(sender.address)) {
    throw new Error('MAIL_FROM is the one address that mail comes from, like Aurora <aurora@example.org>')
  }
  return { name: sender.name === '' ? 'Aurora' : sender.name, address: sender.address }
}
