import Fastify from 'fastify'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { operatorTls } from '../../../infra/postgres/tls.ts'

/** The baseline of the list: the same query with nothing around it. The administrator's role, which no policy holds back, so the organisation is said in the query. */
const directory = process.env['BENCH_DIRECTORY'] ?? ''
const organisation = process.env['BENCH_ORGANISATION'] ?? ''
const sql = postgres(`postgres://postgres@127.0.0.1:${process.env['BENCH_POSTGRES_PORT']}/aurora`, {
  password: readFileSync(join(directory, 'keys', 'postgres-superuser'), 'utf8').trim(),
  ssl: operatorTls(join(directory, 'certificates', 'setup'), 'postgres'),
  max: 10
})

const app = Fastify()
app.get('/api/incidents', async () => {
  const incidents = await sql`
    select id, number, title, status, severity, source, service, alert_count as "alertCount",
      created_at as "createdAt", updated_at as "updatedAt", acknowledged_by_name as "acknowledgedBy"
    from incidents.incidents
    where org_id = ${organisation}
    and number < ${2147483647}
    order by number desc
    limit ${51}`
  const page = incidents.slice(0, 50)
  return { incidents: page, next: incidents.length > 50 ? page.at(-1)?.['number'] : null }
})
console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
