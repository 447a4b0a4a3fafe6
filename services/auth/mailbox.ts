import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Mail {
  to: string
  subject: string
  text: string
  /** The one link of the message, or ''. */
  link: string
}

export interface Message extends Mail {
  id: string
  /** RFC 3339. */
  at: string
}

export interface Mailbox {
  deliver: (mail: Mail, id: string) => Promise<void>
  /** The newest first. */
  messages: () => Promise<Message[]>
  /** Removes what is older than a day (or so many milliseconds): its links have run out, the addresses in it are people's. */
  forget: (age?: number) => Promise<void>
}

/** How many messages are shown. */
const most = 100
/** Milliseconds that a message is kept. */
const keptFor = 24 * 60 * 60_000

/** Names begin with the time, so they sort. */
const stampOf = (time: number): string => String(time).padStart(15, '0')

/** The development mailbox: a file a message, which only the local administrator is shown. */
export async function openMailbox (directory: string): Promise<Mailbox> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return {
    async deliver (mail, id) {
      const message: Message = { id, at: new Date().toISOString(), ...mail }
      const path = join(directory, `${stampOf(Date.now())}-${message.id}.json`)
      // Whoever lists the folder never sees half a message.
      await writeFile(`${path}.part`, JSON.stringify(message), { mode: 0o600 })
      await rename(`${path}.part`, path)
    },
    async messages () {
      const oldest = stampOf(Date.now() - keptFor)
      const names = (await readdir(directory)).filter(name => name.endsWith('.json') && name >= oldest).sort().reverse().slice(0, most)
      return Promise.all(names.map(async name => JSON.parse(await readFile(join(directory, name), 'utf8')) as Message))
    },
    async forget (age = keptFor) {
      const oldest = stampOf(Date.now() - age)
      const names = (await readdir(directory)).filter(name => /^\d{15}-/.test(name) && name < oldest)
      await Promise.all(names.map(name => rm(join(directory, name), { force: true })))
    }
  }
}
