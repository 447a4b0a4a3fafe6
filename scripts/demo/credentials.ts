import assert from 'node:assert/strict'
import type { Target } from './aurora.ts'
import { gcpCanary, modelKeyCanary, type Canary } from './canary.ts'
import { converse } from './conversation.ts'
import type { People } from './people.ts'
import type { Report } from './report.ts'
import { asSuperuser, dumpDatabase, dumpRedis, eachFile, readVault } from './stores.ts'

/** A credential goes in, and is nowhere but in Vault: not in PostgreSQL, Redis, a log or any file. */
export async function credentials (target: Target, report: Report, { owner, other }: People): Promise<void> {
  report.section('Credentials')
  const gcp = gcpCanary()
  const model = modelKeyCanary()

  await report.step('a Google Cloud key is stored, and only its description comes back', async () => {
    const stored = await owner.expect(201, 'PUT', '/api/connections/gcp', { values: gcp.values })
    assert.equal(stored['provider'], 'gcp')
    for (const path of ['/api/connections', '/api/connections/gcp']) absent(gcp, Buffer.from(JSON.stringify(await owner.expect(200, 'GET', path))), path)
  })
  await report.step('a model key is stored and used once, so that it passes the cache', async () => {
    await other.expect(201, 'PUT', '/api/connections/openai', { values: model.values })
    const conversation = await converse(other, 'What is broken?')
    absent(model, Buffer.from(JSON.stringify(conversation)), 'the chat')
  })
  await report.step('the key is in Vault, under the reference that PostgreSQL keeps', async () => {
    const [row] = await asSuperuser(target, sql => sql<Array<{ secret_ref: string }>>`select secret_ref from secrets.user_tokens where provider = 'gcp' order by created_at desc limit 1`)
    assert.ok(row)
    assert.ok(JSON.stringify(await readVault(target, row.secret_ref)).includes(gcp.traces[0]?.toString() ?? '-'), 'it is not there')
    return row.secret_ref.replace(/[0-9a-f]{8}(-[0-9a-f]{4,12}){4}/g, '…')
  })
  await report.step('no row of PostgreSQL holds it', async () => {
    const dump = await dumpDatabase(target)
    for (const canary of [gcp, model]) absent(canary, dump, 'the dump')
    assert.ok(dump.includes(owner.email), 'the dump is empty')
    return `${Math.ceil(dump.length / 1024)} KiB read as superuser`
  })
  for (const kind of ['valkey-state', 'valkey-cache'] as const) {
    await report.step(`${kind} does not hold it`, async () => {
      const { keys, content } = await dumpRedis(target, kind)
      for (const canary of [gcp, model]) absent(canary, content, kind)
      if (kind === 'valkey-cache') assert.ok(keys > 0, 'the cache is empty, which proves nothing')
      return `${keys} keys read as administrator`
    })
  }
  await report.step('no log holds it, nor does any other file', async () => {
    let logs = 0
    const files = await eachFile(target, (path, content) => {
      if (path.startsWith('logs')) logs += content.length
      for (const canary of [gcp, model]) absent(canary, content, path)
    })
    assert.ok(logs > 1000, 'the logs are empty')
    return `${files} files, ${Math.ceil(logs / 1024)} KiB of logs among them`
  })
}

function absent ({ traces }: Canary, content: Buffer, where: string): void {
  for (const trace of traces) assert.ok(!content.includes(trace), `the secret is in ${where}`)
}
