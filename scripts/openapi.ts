import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openapiOf } from './openapi/document.ts'
import { publicRoutes } from './openapi/public-routes.ts'

const repository = join(import.meta.dirname, '..')

/** Builds the OpenAPI document of all public routes. */
export async function buildOpenapi (): Promise<Record<string, unknown>> {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string }
  return await openapiOf(await publicRoutes(repository), version)
}

if (import.meta.main) {
  const target = process.argv[2] ?? join(repository, 'services', 'console', 'dist', 'openapi.json')
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, JSON.stringify(await buildOpenapi()))
  console.log(target)
}
