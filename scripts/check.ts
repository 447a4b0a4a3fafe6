import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * `npm run check`: everything that can be said of the code without running it. Each step prints its own findings; the last line counts.
 */
const bin = (name: string) => `node_modules/.bin/${name}`

const steps: ReadonlyArray<readonly [string, string, string[]]> = [
  ['types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']],
  ['types of the console', bin('tsc'), ['--noEmit', '-p', 'services/console/tsconfig.json']],
  ['style (neostandard)', bin('eslint'), ['.', '--max-warnings', '0']],
  ['imports (dependency-cruiser)', bin('depcruise'), ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'services', 'shared', 'scripts', 'infra']],
  ['unused files, exports and dependencies (knip)', bin('knip'), ['--no-progress']],
  ['the account of ASVS (docs/asvs)', process.execPath, ['scripts/asvs.ts']]
]

async function run (command: string, args: string[]): Promise<{ code: number, output: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', chunk => { output += String(chunk) })
  child.stderr.on('data', chunk => { output += String(chunk) })
  const [code] = await once(child, 'close') as [number | null]
  return { code: code ?? 1, output }
}

let passed = 0
let failed = 0
for (const [name, command, args] of steps) {
  const began = Date.now()
  const { code, output } = await run(command, args)
  if (code === 0) passed++
  else failed++
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`)
  if (code !== 0) console.log(output.trimEnd())
}

// `npm audit` asks the registry's advisory service. Where that cannot be asked, this says so: "not asked" is not "clean".
const audit = await run('npm', ['audit', '--omit=dev', '--json'])
const report = parse(audit.output)
if (report?.metadata === undefined) console.log('not asked  known vulnerabilities (npm audit): the registry does not answer such questions')
else {
  const { high = 0, critical = 0, total = 0 } = report.metadata.vulnerabilities
  const clean = high + critical === 0
  if (clean) passed++
  else failed++
  console.log(`${clean ? 'ok    ' : 'FAILED'} known vulnerabilities (npm audit): ${total}, of which high or critical ${high + critical}`)
}

function parse (text: string): { metadata?: { vulnerabilities: Record<string, number> } } | undefined {
  try {
    return JSON.parse(text.slice(text.indexOf('{')))
  } catch {
    return undefined
  }
}

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
