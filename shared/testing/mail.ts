import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

export interface TestMail { id: string, to: string, subject: string, text: string, link: string }

/** What the development mailbox holds for an address, the oldest first, once there are so many. Mail is sent after the answer to what caused it. */
export async function mailsTo (directory: string, email: string, atLeast: number): Promise<TestMail[]> {
  const folder = join(directory, 'mailbox')
  return await eventually(async () => {
    const names = (await readdir(folder)).filter(name => name.endsWith('.json')).sort()
    const mails = await Promise.all(names.map(async name => JSON.parse(await readFile(join(folder, name), 'utf8')) as TestMail))
    const theirs = mails.filter(mail => mail.to === email)
    return theirs.length >= atLeast && theirs
  }, `${atLeast} mails to ${email}`)
}

/** The token in the fragment of a mailed link. */
export const tokenIn = (mail: TestMail | undefined): string => decodeURIComponent(/[#&]token=([^&]+)/.exec(mail?.link ?? '')?.[1] ?? '')
