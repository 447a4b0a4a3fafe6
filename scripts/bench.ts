import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'

/** `npm run bench -- <name>`: runs scripts/bench/<name>.ts, which prints what it compares and ends with one line a script can read. */
const [name] = process.argv.slice(2)
const folder = new URL('bench/', import.meta.url)
const names = (await readdir(folder)).filter(file => file.endsWith('.bench.ts')).map(file => file.replace('.bench.ts', ''))

if (name === undefined || !names.includes(name) || !existsSync(new URL(`${name}.bench.ts`, folder))) {
  console.error(`Name one of the benchmarks: ${names.join(', ')} (npm run bench -- ${names[0] ?? '<name>'}).`)
  process.exit(1)
}
await import(new URL(`${name}.bench.ts`, folder).href)
