import { commands } from './admin/commands.ts'
import { openOperator } from './admin/operator.ts'
import { command } from './command.ts'

/** `npm run admin -- <command>`: what the operator of an installation does without an account. docs/operations.md tells when. */
const [name, ...args] = process.argv.slice(2)

await command(async () => {
  const chosen = Object.hasOwn(commands, name ?? '') ? commands[name as string] : undefined
  if (chosen === undefined) throw new Error(`Use: npm run admin -- <command>\n${Object.values(commands).map(({ usage, help }) => `  ${usage.padEnd(46)}${help}`).join('\n')}`)
  const operator = await openOperator(process.env)
  try {
    return await chosen.run(operator, args)
  } finally {
    await operator.close()
  }
})
