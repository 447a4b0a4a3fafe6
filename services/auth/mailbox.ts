import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
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
  deliver: (mail: Mail) => Promise<void>
  /** The newest first. */
  messages: () => Promise<Message[]>
}

/** How many messages are shown. */
const most = 100

/** The development mailbox: a file a message, which only the local administrator is shown. Names begin with the time, so they sort. */
export async function openMailbox (directory: string): Promise<Mailbox> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return {
    async deliver (mail) {
      const message: Message = { id: randomUUID(), at: new Date().toISOString(), ...mail }
      const path = join(directory, `${String(Date.now()).padStart(15, '0')}-${message.id}.json`)
      // Whoever lists the folder never sees half a message.
      await writeFile(`${path}.part`, JSON.stringify(message), { mode: 0o600 })
      await rename(`${path}.part`, path)
    },
    async messages () {
      const names = (await readdir(directory)).filter(name => name.endsWith('.json')).sort().reverse().slice(0, most)
      return Promise.all(names.map(async name => JSON.parse(await readFile(join(directory, name), 'utf8')) as Message))
    }
  }
}
