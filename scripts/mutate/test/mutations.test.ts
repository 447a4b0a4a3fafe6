import t from 'tap'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
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
