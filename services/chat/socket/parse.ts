/** A frame as it came, checked against the schema of its type. Nothing of a frame is used before this. */
import { Compile } from 'typebox/compile'
import type { RawData } from 'ws'
import { clientFrames, type ClientFrame } from '../frames.ts'

export type Parsed = { frame: ClientFrame } | { wrong: string }

const checks = new Map(Object.entries(clientFrames).map(([type, schema]) => [type, Compile(schema)]))
const types = [...checks.keys()].join(', ')

export function parseFrame (data: RawData, isBinary: boolean): Parsed {
  if (isBinary) return { wrong: 'Frames are JSON text, not binary.' }
  let value: unknown
  try {
    value = JSON.parse(String(data))
  } catch {
    return { wrong: 'The frame is not JSON.' }
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  const check = typeof type === 'string' ? checks.get(type) : undefined
  if (check === undefined) return { wrong: `The type of a frame is one of: ${types}.` }
  if (check.Check(value)) return { frame: value as ClientFrame }
  const error = check.Errors(value).find(({ keyword }) => keyword !== 'boolean')
  // a field of ours and the reason; never a value, nor a name that somebody else chose
  if (error?.keyword === 'additionalProperties') return { wrong: 'The frame has a field that is not known.' }
  return { wrong: `The frame does not have its form: ${error?.instancePath || '/'} ${error?.message ?? 'is not valid'}.` }
}
