import { readFile } from 'node:fs/promises'
import { isDuplicate } from '../services/auth/accounts.ts'
import { command } from './command.ts'
import { openAsMigrator } from './import-people/database.ts'
import { importPeople, ImportRefused } from './import-people/import.ts'
import { peopleIn, type LineError } from './import-people/lines.ts'

/**
 * `npm run import-people -- <file.jsonl>`: people of an earlier installation, one JSON object a line (docs/passwords.md). All of a file or nothing; who is there
 * already is named and left as they are, so a file may be run again.
 */
await command(async () => {
  const [path] = process.argv.slice(2)
  if (path === undefined) throw new Error('Name the file: npm run import-people -- people.jsonl')
  const { people, errors } = peopleIn(await readFile(path))
  if (errors.length > 0) throw refused(path, errors)
  const sql = await openAsMigrator(process.env)
  try {
    const { imported, organisations, present } = await sql.begin(async transaction => await importPeople(transaction, people))
    return [...present.map(({ line, email }) => `line ${line}: ${email} is there already and stays as it is`), `${imported} people imported, ${organisations} new organisations, ${present.length} people left as they are.`].join('\n')
  } catch (error) {
    if (error instanceof ImportRefused) throw refused(path, error.errors)
    if (isDuplicate(error)) throw new Error('Somebody signed up with one of these addresses at this moment. Nothing was imported: run it again.')
    throw error
  } finally {
    await sql.end({ timeout: 2 })
  }
})

function refused (path: string, errors: LineError[]): Error {
  const lines = errors.sort((a, b) => a.line - b.line).map(({ line, message }) => `line ${line}: ${message}`)
  return new Error([...lines, `Nothing of ${path} was imported.`].join('\n'))
}
