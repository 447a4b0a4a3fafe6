import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { copyOfProject } from './copy-of-project.ts'
import { mutations } from './mutate/mutations.ts'

/**
 * `npm run mutate [words]`: turns each guard off in a copy of the project, one at a time, and runs the tests that must notice. A guard whose absence
 * nobody notices is not tested. First the same tests run on the unchanged copy: what is red before proves nothing.
 * With words, only the guards whose sentence or file holds them.
 */
const words = process.argv.slice(2)
const chosen = mutations.filter(({ guard, file }) => words.length === 0 || words.some(word => guard.includes(word) || file.includes(word)))
const { folder: copy, remove } = await copyOfProject()
let passed = 0
let failed = 0

function count (ok: boolean, text: string) {
  if (ok) passed++
  else failed++
  console.log(`${ok ? 'noticed    ' : 'NOT NOTICED'} ${text}`)
}

async function run (command: string, args: string[]): Promise<{ code: number, output: string }> {
  const child = spawn(command, args, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => { output = (output + String(chunk)).slice(-200_000) })
  const [code] = await once(child, 'close') as [number | null]
  return { code: code ?? 1, output }
}

/** Whether the tests are green, by themselves or beside a running Aurora. */
async function green (tests: string[], alone: boolean): Promise<{ ok: boolean, output: string }> {
  if (!alone) {
    const { code, output } = await run(process.execPath, ['scripts/test.ts', ...tests])
    return { ok: code === 0, output }
  }
  for (const test of tests) {
    const { code, output } = await run(process.execPath, [test])
    if (code !== 0) return { ok: false, output }
  }
  return { ok: true, output: '' }
}

try {
  for (const alone of [true, false]) {
    const tests = [...new Set(chosen.filter(mutation => (mutation.alone === true) === alone).flatMap(mutation => mutation.tests))]
    if (tests.length === 0) continue
    const { ok, output } = await green(tests, alone)
    if (!ok) throw new Error(`The tests are red before anything is turned off:\n${output.slice(-4_000)}`)
  }
  for (const { guard, file, find, replace, tests, alone } of chosen) {
    const path = join(copy, file)
    const source = await readFile(path, 'utf8')
    const places = source.split(find).length - 1
    if (places !== 1) {
      count(false, `${guard} (${file}: the text of the guard stands there ${places} times)`)
      continue
    }
    await writeFile(path, source.replace(find, () => replace))
    try {
      const { ok } = await green(tests, alone === true)
      count(!ok, `${guard} (${file})`)
    } finally {
      await writeFile(path, source)
    }
  }
} finally {
  await remove()
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
