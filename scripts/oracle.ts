import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyOfProject } from './copy-of-project.ts'
import { measure } from './oracle/measure.ts'
import { planted } from './oracle/planted.ts'
import { startTestSystem } from './test/system.ts'

/**
 * `npm run oracle [-- <pairs>]`: whether answers about accounts say if they exist, on an Aurora of its own (some ten minutes at the default of a thousand
 * pairs; leave the machine alone meanwhile). Then the same in copies from which what makes them alike was taken out: there it must fail.
 */
const [first, only] = process.argv.slice(2)
const pairs = Number(first ?? 1000)
if (!Number.isInteger(pairs) || pairs < 100) {
  console.error('Give a number of pairs, a hundred at least: npm run oracle -- 1000')
  process.exit(1)
}

const { passed, failed } = await here()
let seen = 0
if (only === undefined) for (const plant of planted) seen += Number(await seesPlanted(plant))
const unseen = only === undefined ? planted.length - seen : 0
console.log(`${passed + seen} passed, ${failed + unseen} failed`)
process.exit(failed + unseen === 0 && passed > 0 ? 0 : 1)

async function here () {
  const directory = await mkdtemp(join(tmpdir(), 'aurora-oracle-'))
  const aurora = await startTestSystem({ directory, onProgress: () => {} })
  process.env['AURORA_TEST_DIRECTORY'] = directory
  try {
    return await measure({ pairs, ...only === undefined ? {} : { only } })
  } finally {
    await aurora.close()
    await rm(directory, { recursive: true, force: true })
  }
}

/** The same measurement, shorter, in a copy: what is to be found there is larger. */
async function seesPlanted ({ guard, file, find, replace, question }: typeof planted[number]): Promise<boolean> {
  const { folder, remove } = await copyOfProject()
  try {
    const source = await readFile(join(folder, file), 'utf8')
    if (source.split(find).length !== 2) throw new Error(`${file}: the text of the guard does not stand there once`)
    await writeFile(join(folder, file), source.replace(find, () => replace))
    const child = spawn(process.execPath, ['scripts/oracle.ts', String(Math.min(pairs, 200)), question], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', chunk => { output += String(chunk) })
    await once(child, 'close')
    // That it broke off is not that it saw.
    const sees = output.includes(`DIFFERENT ${question}: known`)
    console.log(`${sees ? 'seen     ' : 'NOT SEEN '} planted: without “${guard}” it fails`)
    if (!sees) console.log(output)
    return sees
  } finally {
    await remove()
  }
}
