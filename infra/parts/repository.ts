import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the sources lie, whatever the current folder is. */
export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
