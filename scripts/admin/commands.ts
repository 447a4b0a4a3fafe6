import { join } from 'node:path'
import { writePrivate } from '../../infra/certificates/files.ts'
import type { Operator } from './operator.ts'

/** Each answers in a sentence what it did, or what to do next. */
export interface Command {
  usage: string
  help: string
  run: (operator: Operator, args: string[]) => Promise<string>
}

const rings = ['signing', 'cookie'] as const
type Ring = typeof rings[number]
interface Key { ring: string, id: string, state: string, since: string }

export const commands: Record<string, Command> = {
  'end-sessions': {
    usage: 'end-sessions <email>',
    help: 'signs a person out everywhere',
    async run (operator, args) {
      const email = emailIn(args)
      const { sessions } = await operator.ask<{ sessions: number }>('POST', '/internal/operator/end-sessions', { email })
      return sessions === 0 ? `${email} was signed in nowhere.` : `${email} is signed out everywhere (${counted(sessions, 'session')}); sockets and tokens end within a second.`
    }
  },

  disable: {
    usage: 'disable <email>',
    help: 'signs a person out everywhere and lets them in no more',
    async run (operator, args) {
      const email = emailIn(args)
      const { changed, sessions } = await operator.ask<{ changed: boolean, sessions: number }>('POST', '/internal/operator/disable', { email })
      return changed ? `${email} is disabled and signed out everywhere (${counted(sessions, 'session')}). To undo it: npm run admin -- enable ${email}` : `${email} was disabled before.`
    }
  },

  enable: {
    usage: 'enable <email>',
    help: 'lets a disabled person in again',
    async run (operator, args) {
      const email = emailIn(args)
      const { changed } = await operator.ask<{ changed: boolean }>('POST', '/internal/operator/enable', { email })
      return changed ? `${email} may sign in again (within two minutes of a disabling some services still refuse them).` : `${email} was not disabled.`
    }
  },

  'remove-factors': {
    usage: 'remove-factors <email>',
    help: 'takes all second factors of a person away, passkeys included, and signs them out everywhere',
    async run (operator, args) {
      const email = emailIn(args)
      const { changed, sessions } = await operator.ask<{ changed: boolean, sessions: number }>('POST', '/internal/operator/remove-factors', { email })
      return changed ? `${email} signs in with the password or a provider alone until they add a factor again (${counted(sessions, 'session')} ended). Be sure that it is they who asked.` : `${email} has no second factor.`
    }
  },

  keys: {
    usage: 'keys',
    help: 'shows which keys there are, by name only',
    async run (operator) {
      const { keys } = await operator.ask<{ keys: Key[] }>('GET', '/internal/operator/keys')
      return keys.map(({ ring, state, since, id }) => `${ring.padEnd(9)}${state.padEnd(9)}since ${since}  ${id}`).join('\n')
    }
  },

  'rotate-keys': {
    usage: 'rotate-keys [signing|cookie] [--compromised]',
    help: 'brings a new key into use; --compromised withdraws the old ones at once',
    async run (operator, args) {
      const compromised = args.includes('--compromised')
      const [ring, ...more] = args.filter(arg => arg !== '--compromised')
      if (more.length > 0 || (ring !== undefined && !rings.includes(ring as Ring))) throw new Error(`Use: npm run admin -- ${this.usage}`)
      const sentences: string[] = []
      for (const each of ring === undefined ? rings : [ring as Ring]) {
        sentences.push(await rotate(operator, each, compromised).catch((error: Error) => {
          throw new Error([...sentences, error.message].join('\n'))
        }))
      }
      return sentences.join('\n')
    }
  },

  'setup-link': {
    usage: 'setup-link',
    help: 'makes a new one-time link while nobody has set up',
    async run (operator) {
      const { link, token } = await operator.ask<{ link: string, token: string }>('POST', '/internal/operator/setup-link')
      // What npm start prints the next time.
      if (operator.directory !== null) await writePrivate(join(operator.directory, 'keys', 'setup-token'), token)
      return `Set up the first owner with this link (it works once, and earlier ones do not any more):\n  ${link}`
    }
  }
}

async function rotate (operator: Operator, ring: Ring, compromised: boolean): Promise<string> {
  const { outcome, usedFrom } = await operator.ask<{ outcome: string, usedFrom: string | null }>('POST', '/internal/operator/rotate-keys', { ring, compromised })
  if (outcome === 'withdrawn') {
    return ring === 'signing'
      ? 'The signing keys were withdrawn and replaced: tokens of the old ones are refused everywhere within a second.'
      : 'The cookie keys were withdrawn and replaced: everybody has to sign in again.'
  }
  return outcome === 'begun'
    ? `A new ${ring} key is known from now on and used from about ${usedFrom}; the old one goes by itself when nothing of it is about.`
    : `A new ${ring} key was made before and is used from about ${usedFrom}: nothing is to be done.`
}

function emailIn ([email, ...more]: string[]): string {
  if (email === undefined || more.length > 0) throw new Error('Name one person by their e-mail address.')
  return email
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
