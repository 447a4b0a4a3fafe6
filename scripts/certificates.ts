import { parseArgs } from 'node:util'
import { resolve } from 'node:path'
import { ensureCertificates } from '../infra/certificates/certificates.ts'
import { command } from './command.ts'

/** `npm run certificates -- --directory <folder> [--host <name>]…`: the same step that `npm start` does. Run it daily: it renews what needs it. */
await command(async () => {
  const { values } = parseArgs({
    options: {
      directory: { type: 'string', default: process.env['CERTIFICATE_DIRECTORY'] ?? '.aurora/certificates' },
      host: { type: 'string', multiple: true, default: [] }
    }
  })
  const hosts = [...new Set(['localhost', '127.0.0.1', '::1', ...values.host])]
  const directory = resolve(values.directory)
  const written = await ensureCertificates(directory, { hosts })
  return written.length === 0 ? `All certificates in ${directory} are good.` : `Written in ${directory}: ${written.join(', ')}.`
})
