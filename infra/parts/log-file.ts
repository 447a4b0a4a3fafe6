import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs'

const rotateAt = 20 * 1024 * 1024

/** Opens a part's log for appending; a log that has grown large is moved aside at the start of its part. */
export function openLog (file: string): number {
  try {
    if (statSync(file).size > rotateAt) renameSync(file, `${file}.1`)
  } catch {}
  return openSync(file, 'a', 0o600)
}

/** The last line that says something, for the sentence about a part that would not start. */
export function lastLine (file: string): string {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const { size } = fstatSync(descriptor)
      const buffer = Buffer.alloc(Math.min(size, 8192))
      readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
      const lines = buffer.toString('utf8').split('\n').map(line => line.trim()).filter(line => line !== '')
      return plain(lines.findLast(line => /error|fatal|panic|cannot|emerg/i.test(line)) ?? lines.at(-1) ?? '')
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return ''
  }
}

/** The services log JSON: a person wants its message. */
function plain (line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string, err?: { message?: string } }
    return [msg, err?.message].filter(text => text !== undefined && text !== '').join(': ').slice(0, 300)
  } catch {
    return line.slice(0, 300)
  }
}
