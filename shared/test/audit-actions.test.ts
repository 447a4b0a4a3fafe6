import { glob, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import t from 'tap'
import { auditActions } from '../audit-actions.ts'

const root = resolve(import.meta.dirname, '../..')
const files = (await Array.fromAsync(glob(['services/{auth,secrets,incidents,chat}/**/*.ts', 'scripts/*/*.ts'], { cwd: root }))).filter(file => !file.includes('/test/') && !file.startsWith('scripts/mutate/'))
const sources = await Promise.all(files.map(async file => ({ service: file.split('/')[1], text: await readFile(join(root, file), 'utf8') })))

t.test('docs/audit.md prints the table of events, each with the same meaning', async t => {
  const text = await readFile(join(root, 'docs', 'audit.md'), 'utf8')
  const section = text.slice(text.indexOf('\n## Events'), text.indexOf('\n## How rows are chained'))
  const printed = Object.fromEntries([...section.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, action, meaning]) => [action, meaning]))
  t.strictSame(printed, auditActions)
})

t.test('the table is in order, and its names are ones that the database takes', async t => {
  const names = Object.keys(auditActions)
  t.strictSame(names, names.toSorted())
  for (const name of names) t.match(name, /^[a-z][a-z0-9_.:-]{0,99}$/)
})

t.test('every action in the code is in the table', async t => {
  const literals = sources.flatMap(({ text }) => [...text.matchAll(/\baction: '([^']+)'/g)].map(([, action]) => action as string))
  t.ok(literals.length > 10)
  t.strictSame(literals.filter(action => !(action in auditActions)), [])
  const beginnings = sources.flatMap(({ text }) => [...text.matchAll(/\baction: `([^`$]+)\$\{/g)].map(([, beginning]) => beginning as string))
  for (const beginning of beginnings) t.ok(Object.keys(auditActions).some(action => action.startsWith(beginning)), beginning)
})

t.test('every action of the table is somewhere in the code', async t => {
  for (const action of Object.keys(auditActions)) {
    const [, beginning = '', end = ''] = /^(.*\.)([^.]+)$/.exec(action) ?? []
    const isWhole = sources.some(({ text }) => text.includes(`'${action}'`))
    const composed = sources.filter(({ text }) => text.includes(`\`${beginning}\${`)).map(({ service }) => service)
    const isPart = sources.some(({ service, text }) => composed.includes(service) && new RegExp(`\\b${end}\\b`).test(text))
    t.ok(isWhole || isPart, action)
  }
})
