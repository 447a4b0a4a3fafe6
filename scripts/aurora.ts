import { join } from 'node:path'
import { askControl, type Command } from '../infra/parts/control.ts'
import { repository } from '../infra/parts/repository.ts'

/** `npm run aurora -- status | restart <part> | stop <part> | start <part>`: asks the Aurora that runs in this folder. */
const directory = process.env['AURORA_DIRECTORY'] ?? join(repository, '.aurora')
const [action, name] = process.argv.slice(2)

try {
  const parts = await askControl(join(directory, 'control.sock'), { do: (action ?? 'status') as Command['do'], ...name === undefined ? {} : { name } })
  for (const [part, running] of Object.entries(parts)) console.log(`${part.padEnd(14)}${running ? 'ready' : 'stopped'}`)
  if (name !== undefined) console.log(`${name}: done (${action}).`)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
