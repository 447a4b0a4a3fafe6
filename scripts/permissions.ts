import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repository } from '../infra/parts/repository.ts'
import { permissionsDocument } from './permissions/document.ts'
import { personRoutes } from './permissions/person-routes.ts'

/** Writes docs/permissions.md anew. */
const target = join(repository, 'docs', 'permissions.md')
await writeFile(target, permissionsDocument(await personRoutes()))
console.log(target)
