import t from 'tap'
import { readFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { join } from 'node:path'

/** Read from the source, so that a field that is added tomorrow is looked at as well. */
const folder = join(import.meta.dirname, '..', 'src')
const sources = await Promise.all(globSync('**/*.tsx', { cwd: folder }).map(async file => ({ file, text: await readFile(join(folder, file), 'utf8') })))
const inputs = sources.flatMap(({ file, text }) => [...text.matchAll(/<input\s(?:[^{}>]|\{[^{}]*\})*>/g)].map(([input]) => ({ file, input })))
const passwords = inputs.filter(({ input }) => /autoComplete='(current|new)-password'/.test(input))

t.test('what is typed into a field for a password is masked', async t => {
  t.ok(passwords.length >= 5, `${passwords.length} fields`)
  for (const { file, input } of passwords) t.match(input, "type='password'", file)
})

t.test('each field that is masked says to password managers what it is for', async t => {
  for (const { file, input } of inputs.filter(({ input }) => input.includes("type='password'"))) t.match(input, /autoComplete='(current|new)-password'/, file)
})

t.test('nothing keeps anybody from pasting', async t => {
  for (const { file, text } of sources) t.notMatch(text, /onPaste|onBeforeInput|'(paste|beforeinput)'/i, file)
})
