import t from 'tap'
import { access, readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { mutations } from '../mutations.ts'

const root = join(import.meta.dirname, '../../..')

t.test('the text of each guard stands once in its file, so that a guard which moved on does not go untried', async t => {
  for (const { guard, file, find } of mutations) {
    const places = (await readFile(join(root, file), 'utf8')).split(find).length - 1
    if (places !== 1) t.fail(`${guard}: ${places} times in ${file}`)
  }
  t.ok(mutations.length > 500, `${mutations.length} guards`)
})

t.test('what turns a guard off changes its text, and the tests that must notice are there', async t => {
  for (const { guard, find, replace, tests } of mutations) {
    if (find === replace || tests.length === 0) t.fail(guard)
    for (const test of tests) await access(join(root, test)).catch(() => t.fail(`${guard}: there is no ${test}`))
  }
  t.pass()
})

t.test('a guard in a function of PostgreSQL stands in the migration that has the last word on it', async t => {
  for (const { guard, file, find } of mutations.filter(({ file }) => file.endsWith('.sql'))) {
    const text = await readFile(join(root, file), 'utf8')
    const [name] = [...text.slice(0, text.indexOf(find)).matchAll(/create (?:or replace )?function ([\w.]+)/g)].at(-1)?.slice(1) ?? []
    const ends = name === undefined ? -1 : text.indexOf('\n$$;', text.lastIndexOf(`function ${name}(`, text.indexOf(find)))
    if (name === undefined || ends < text.indexOf(find)) continue
    const later = (await readdir(join(root, dirname(file)))).filter(other => other > basename(file)).sort()
    for (const other of later) {
      if (new RegExp(`create (or replace )?function ${name.replace('.', '\\.')}\\(`).test(await readFile(join(root, dirname(file), other), 'utf8'))) t.fail(`${guard}: ${other} replaces ${name}`)
    }
  }
  t.pass()
})
