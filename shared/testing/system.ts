import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { askControl, type Command } from '../../infra/parts/control.ts'
import type { PeerOptions } from '../../infra/certificates/issue.ts'
import type { PeerName, ServiceName } from '../peers.ts'
import type { Role } from '../roles.ts'
import { openBrowser, type Answer, type Browser } from './browser.ts'
import { mailsTo, tokenIn } from './mail.ts'
import { issueIn, mintIn, openPeer, type Peer } from './peer.ts'
import { openStores } from './stores.ts'

export { eventually } from './eventually.ts'

/** Someone who has signed up: `request` and `socket` carry the session. */
export interface Person extends Browser {
  email: string
  password: string
  /** Ids. */
  person: string
  organisation: string
  role: Role
}

export type System = Awaited<ReturnType<typeof system>>

interface SignUp {
  /** The name of a new organisation. */
  organisation?: string
  /** Or someone, an administrator at least, whose organisation is joined, in this role. */
  in?: Person
  role?: Role
}

let opened: ReturnType<typeof open> | null = null

/**
 * The one running Aurora that a test talks to; `scripts/test.ts` started it and says where it is. Nothing that is opened here has to be closed:
 * an idle connection keeps no process.
 */
export function system () {
  opened ??= open()
  return opened
}

async function open () {
  const directory = process.env['AURORA_TEST_DIRECTORY']
  if (directory === undefined) throw new Error('Tests need a running Aurora: run them with npm test -- <file>.')
  const { url, ports } = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8')) as { url: string, ports: Record<string, number> }
  const { modelPort } = JSON.parse(await readFile(join(directory, 'test.json'), 'utf8')) as { modelPort: number }
  const ca = await readFile(join(directory, 'certificates', 'public', 'ca.pem'), 'utf8')
  const stores = openStores(directory, ports)

  /** Someone outside who has not signed in. */
  const visitor = (): Browser => openBrowser(url, ports['edge'] as number, ca)

  /** A person in an organisation of their own (its owner), or in another's in a given role: by the mailed link of a registration or of an invitation, as people do. */
  async function signUp ({ organisation = 'Test', in: host, role = host === undefined ? 'owner' : 'responder' }: SignUp = {}): Promise<Person> {
    const browser = visitor()
    const email = `person-${randomBytes(8).toString('hex')}@example.test`
    const password = randomBytes(15).toString('base64url')
    const form = { name: 'Test Person', password }
    if (host === undefined && role === 'owner') {
      expectStatus(await browser.request('POST', '/api/auth/register', { email }), 202)
      const token = tokenIn((await mailsTo(directory as string, email, 1)).at(-1))
      return personOf(expectStatus(await browser.request('POST', '/api/auth/register/complete', { ...form, token, organisation }), 201))
    }
    const inviter = host ?? await signUp({ organisation })
    expectStatus(await inviter.request('POST', '/api/organisations/current/invitations', { email, role }), 201)
    const token = tokenIn((await mailsTo(directory as string, email, 1)).at(-1))
    return personOf(expectStatus(await browser.request('POST', '/api/organisations/invitations/register', { ...form, token }), 201))

    function personOf ({ body }: Answer): Person {
      return { ...browser, email, password, person: body.person.id as string, organisation: body.organisation.id as string, role }
    }
  }

  const peer = (who: Parameters<typeof openPeer>[2]): Promise<Peer> => openPeer(directory, ports, who)

  const control = async (command: Command) => { await askControl(join(directory, 'control.sock'), command) }

  return {
    url,
    ca,
    directory,
    ports,
    /** Where a test's own language model listens; chat may reach this one address. */
    modelPort,
    visitor,
    signUp,
    /** With that peer's real certificate, an issued one, or null for none. */
    peer,
    issue: (options: Omit<PeerOptions, 'ca'> & Partial<Pick<PeerOptions, 'ca'>>) => issueIn(directory, options),
    mint: async (claims: Record<string, unknown>, as: PeerName, header?: Record<string, string>) =>
      await mintIn(directory, (await stores.ownValues('auth'))['signingKeys'] ?? '[]', claims, as, header),
    /** The mails to an address so far, the oldest first; waits until there are so many. */
    mailsTo: (email: string, atLeast = 1) => mailsTo(directory, email, atLeast),
    sql: stores.sql,
    sqlAs: stores.sqlAs,
    redis: stores.redis,
    vault: stores.vault,
    ownValues: (service: ServiceName) => stores.ownValues(service),
    restart: (name: string) => control({ do: 'restart', name }),
    stop: (name: string) => control({ do: 'stop', name }),
    start: (name: string) => control({ do: 'start', name }),
    /** Ends a part as a crash would; it is started again by itself. */
    crash: (name: string) => control({ do: 'kill', name }),
    /** All that any part has logged so far. */
    logs: async () => {
      const files = await readdir(join(directory, 'logs'))
      return (await Promise.all(files.map(file => readFile(join(directory, 'logs', file), 'utf8')))).join('\n')
    }
  }
}

function expectStatus<A extends { status: number, text: string }> (answer: A, status: number): A {
  if (answer.status !== status) throw new Error(`Expected ${status}, got ${answer.status}: ${answer.text.slice(0, 500)}`)
  return answer
}
