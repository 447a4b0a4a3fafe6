import { createServer, connect, type Server } from 'node:net'
import { createInterface } from 'node:readline'
import { chmodSync } from 'node:fs'

const actions = ['restart', 'stop', 'start', 'kill', 'status'] as const
export interface Command { do: typeof actions[number], name?: string }
export type Answer = { ok: true, parts?: Record<string, boolean> } | { ok: false, error: string }

/** A socket that only the user who runs Aurora can open: one JSON object a line asks, one answers when it is done. */
export async function listenControl (path: string, carryOut: (command: Command) => Promise<Answer>): Promise<Server> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    const lines = createInterface({ input: socket })
    lines.on('error', () => {})
    lines.on('line', line => {
      answer(line, carryOut).then(result => { if (socket.writable) socket.write(JSON.stringify(result) + '\n') }, () => {})
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return server
}

async function answer (line: string, carryOut: (command: Command) => Promise<Answer>): Promise<Answer> {
  try {
    const command = JSON.parse(line) as Partial<Command>
    if (!actions.includes(command.do as Command['do'])) return { ok: false, error: `"do" is one of ${actions.join(', ')}.` }
    return await carryOut(command as Command)
  } catch (error) {
    return { ok: false, error: (error as Error).message }
  }
}

/** Asks a running Aurora. Throws when none runs there or it could not do it. */
export function askControl (path: string, command: Command): Promise<Record<string, boolean>> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', error => reject(new Error(`No Aurora answers at ${path}: start it with npm start.`, { cause: error })))
    socket.once('connect', () => socket.write(JSON.stringify(command) + '\n'))
    createInterface({ input: socket }).once('line', line => {
      socket.end()
      const result = JSON.parse(line) as Answer
      if (result.ok) resolve(result.parts ?? {})
      else reject(new Error(result.error))
    })
    socket.once('close', () => reject(new Error('Aurora ended before it answered.')))
  })
}
