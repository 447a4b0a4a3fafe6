import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Target } from './aurora.ts'
import { openBrowser, type Browser } from './browser.ts'
import type { Report } from './report.ts'
import { until } from './wait.ts'

export interface Person extends Browser {
  email: string
  password: string
  organisation: string
}

export interface People { owner: Person, other: Person }

/** Two organisations that have nothing to do with each other. */
export async function people (target: Target, report: Report): Promise<People> {
  report.section('People')
  const mark = randomBytes(4).toString('hex')
  const owner = newPerson(target, `Alpine Rescue ${mark}`, `anna-${mark}@example.com`)
  const other = newPerson(target, `Boreal Freight ${mark}`, `boris-${mark}@example.com`)

  if (target.own) {
    await report.step('the one-time link sets up the first owner', async () => {
      const token = (await readFile(join(target.directory, 'keys', 'setup-token'), 'utf8')).trim()
      assert.equal((await owner.expect<{ needed: boolean }>(200, 'GET', '/api/auth/setup')).needed, true)
      await owner.expect(401, 'POST', '/api/auth/setup', { token: 'x'.repeat(token.length), ...formOf(owner) })
      await owner.expect(201, 'POST', '/api/auth/setup', { token, ...formOf(owner) })
      await openBrowser(target).expect(409, 'POST', '/api/auth/setup', { token, ...formOf(other) })
      return 'a wrong token 401, a second time 409'
    })
  } else {
    await report.step('an organisation registers by mail (the setup link stays yours)', () => register(target, owner, null))
  }
  await report.step('a second organisation registers by mail', () => register(target, other, target.own ? owner : null))
  await report.step('each is signed in, as owner of its own organisation', async () => {
    for (const person of [owner, other]) {
      const session = await person.expect<{ role: string, organisation: { name: string } }>(200, 'GET', '/api/auth/session')
      assert.deepEqual([session.role, session.organisation.name], ['owner', person.organisation])
    }
  })
  return { owner, other }
}

function newPerson (target: Target, organisation: string, email: string): Person {
  return { ...openBrowser(target), email, organisation, password: randomBytes(18).toString('base64url') }
}

const formOf = ({ email, password, organisation }: Person) => ({ email, password, organisation, name: email.split('-', 1)[0] ?? email })

async function register (target: Target, person: Person, administrator: Person | null): Promise<string> {
  await person.expect(202, 'POST', '/api/auth/register', { email: person.email })
  const link = await until('the mail', () => administrator === null ? linkInFolder(target, person.email) : linkInMailbox(administrator, person.email))
  const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token')
  const { password, organisation, name } = formOf(person)
  await person.expect(201, 'POST', '/api/auth/register/complete', { token, password, organisation, name })
  await openBrowser(target).request('POST', '/api/auth/register/complete', { token, password, organisation, name })
    .then(again => assert.notEqual(again.status, 201, 'the link worked twice'))
  return 'its link works once'
}

interface Mail { to: string, link: string }

async function linkInMailbox (administrator: Person, email: string): Promise<string | undefined> {
  const { messages } = await administrator.expect<{ messages: Mail[] }>(200, 'GET', '/api/auth/mailbox')
  return messages.find(mail => mail.to === email)?.link
}

async function linkInFolder (target: Target, email: string): Promise<string | undefined> {
  const folder = join(target.directory, 'mailbox')
  const names = (await readdir(folder)).filter(name => name.endsWith('.json'))
  const mails = await Promise.all(names.map(async name => JSON.parse(await readFile(join(folder, name), 'utf8')) as Mail))
  return mails.find(mail => mail.to === email)?.link
}
