import t from 'tap'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fields } from '../config.ts'
import { rules } from '../throttles.ts'

const text = await readFile(join(import.meta.dirname, '../../../docs/sign-in.md'), 'utf8')

t.test('docs/sign-in.md says how many attempts are free and how long others wait', async t => {
  for (const [name, { free, longest }] of Object.entries(rules)) t.match(text, `| \`${name}\` | ${free} | ${longest} |`)
  t.equal(text.match(/^\| `[a-z-]+` \| \d+ \| \d+ \|$/gm)?.length, Object.keys(rules).length, 'and of no others')
})

t.test('docs/sign-in.md says how long a session lives', async t => {
  const { SESSION_IDLE_SECONDS: idle, SESSION_ABSOLUTE_SECONDS: most } = fields as Record<string, { default?: number, maximum?: number }>
  t.match(text, `\`SESSION_IDLE_SECONDS\`, ${idle?.default} by default`)
  t.match(text, `\`SESSION_ABSOLUTE_SECONDS\`, ${most?.default} by default, and never more`)
  t.equal(most?.maximum, most?.default)
})
