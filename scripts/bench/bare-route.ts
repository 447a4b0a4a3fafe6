import Fastify from 'fastify'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A baseline: one route on a bare Fastify behind mutual TLS, under the certificate of auth, with nothing to do. Its port on the first line. */
const certificates = (...names: string[]) => readFileSync(join(process.env['BENCH_DIRECTORY'] ?? '', 'certificates', ...names))

const app = Fastify({
  https: { cert: certificates('auth', 'cert.pem'), key: certificates('auth', 'key.pem'), ca: certificates('auth', 'ca.pem'), requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' }
})
app.get('/', async (_request, reply) => await reply.send())
console.log(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
