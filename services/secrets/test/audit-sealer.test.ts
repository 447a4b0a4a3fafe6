import { createPublicKey, verify } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { eventually, system } from '#shared/testing/system'
import { headBytes, type SignedHead } from '../sealer/seal-log.ts'
import { sealAudit } from '../sealer/sealer.ts'
import { storeModel } from './asking.ts'
import { replicaOf } from './replica.ts'

const aurora = await system()

const verdictOn = async (organisation: string) => (await aurora.sql()<Array<{ sealed: number, unsealed: number, signed: number, broken: number | null }>>`
  select sealed::int, unsealed::int, signed::int, broken::int
  from audit.verify(${organisation})`)[0]

async function linesOf (organisation: string): Promise<SignedHead[]> {
  const folder = join(aurora.directory, 'seals')
  const texts = await Promise.all((await readdir(folder)).map(file => readFile(join(folder, file), 'utf8')))
  return texts.join('').split('\n').filter(line => line.includes(organisation)).map(line => JSON.parse(line) as SignedHead)
}

t.test('what is committed is chained and its head signed and written out within a second or so', async t => {
  const person = await aurora.signUp()
  await storeModel(person, 'sk-x')
  const began = Date.now()
  const verdict = await eventually(async () => {
    const found = await verdictOn(person.organisation)
    return found !== undefined && found.unsealed === 0 && found.signed === found.sealed && found
  }, 'the whole chain to be signed')
  t.ok(Date.now() - began < 2_000)
  t.equal(verdict.broken, null)

  const head = await eventually(async () => (await linesOf(person.organisation)).find(line => Number(line.position) === verdict.sealed), 'the line of the head')
  const key = await aurora.vault('GET', 'aurora-transit/keys/audit', { as: 'secrets' }) as { keys: Record<string, { public_key: string }> }
  const publicKey = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key.keys[String(head.keyVersion)]?.public_key ?? '', 'base64')]),
    format: 'der',
    type: 'spki'
  })
  const signature = Buffer.from(head.signature.split(':')[2] ?? '', 'base64')
  t.ok(verify(null, headBytes(head), publicKey, signature), 'anybody with the public key can check it')
  t.notOk(verify(null, headBytes({ ...head, position: String(verdict.sealed + 1) }), publicKey, signature))
})

t.test('two sealers at once make one chain', async t => {
  const person = await aurora.signUp()
  const { database, vault, put } = await replicaOf(aurora)
  const stop = new AbortController()
  const second = sealAudit({ database, vault, log: pino({ level: 'silent' }) }, join(aurora.directory, 'seals'), stop.signal).catch(() => {})
  for (let write = 0; write < 20; write++) await put(person, `sk-${write}`)
  const verdict = await eventually(async () => {
    const found = await verdictOn(person.organisation)
    return found !== undefined && found.unsealed === 0 && found.signed === found.sealed && found
  }, 'the whole chain to be signed')
  stop.abort()
  await second
  t.equal(verdict.broken, null)
  t.ok(verdict.sealed >= 20)
})
