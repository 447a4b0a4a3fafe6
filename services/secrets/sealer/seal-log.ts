import { open, mkdir, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** A signed head of one organisation's audit chain: whoever holds this line can prove later that the chain up to there was not changed. */
export interface SignedHead {
  organisation: string | null
  position: string
  /** Hex. */
  hash: string
  /** Transit's `vault:v<version>:<base64>` over the bytes of `headBytes`. */
  signature: string
  keyVersion: number
}

/** What is signed: organisation (`none` for what belongs to none), position and hash, separated by what none of them can hold. */
export const headBytes = ({ organisation, position, hash }: Pick<SignedHead, 'organisation' | 'position' | 'hash'>): Buffer =>
  Buffer.from(`${organisation ?? 'none'}|${position}|${hash}`)

/** Appends the lines to the file of the day and waits for the disk. A line may come twice after a crash; it says the same both times. */
export async function appendHeads (directory: string, heads: SignedHead[]): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const at = new Date().toISOString()
  const file = await open(join(directory, `heads-${at.slice(0, 10)}.jsonl`), 'a+', 0o600)
  try {
    const lines = heads.map(head => `${JSON.stringify({ at, ...head })}\n`).join('')
    await file.write(await isTorn(file) ? `\n${lines}` : lines)
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** Whether a crash left half a line, which the next one must not become part of. */
async function isTorn (file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer.toString() !== '\n'
}
