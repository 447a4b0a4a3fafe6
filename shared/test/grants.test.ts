import t from 'tap'
import type { Peers } from '../client.ts'
import { createGrants } from '../grants.ts'
import type { IdentityWatch } from '../tls.ts'

/** Grants of a service, with an auth that counts what it is asked. */
function grantsOf (answer: (count: number) => Promise<string>) {
  let asked = 0
  const peers = { json: async () => ({ access_token: await answer(++asked), expires_in: 60 }) } as unknown as Peers
  const identity = { current: () => ({ generation: 1 }), onChange: () => () => {} } as unknown as IdentityWatch
  return { grants: createGrants(peers, identity), asked: () => asked }
}

t.test('a token is kept, and fetched again when any key was withdrawn: it may be under that one', async t => {
  const { grants, asked } = grantsOf(async count => `token ${count}`)
  t.equal(await grants.serviceToken('secrets', ['a:b']), 'token 1')
  t.equal(await grants.serviceToken('secrets', ['a:b']), 'token 1')
  grants.forget('session', 'of somebody')
  t.equal(await grants.serviceToken('secrets', ['a:b']), 'token 1')
  grants.forget('key', 'any')
  t.equal(await grants.serviceToken('secrets', ['a:b']), 'token 2')
  t.equal(asked(), 2)
})

t.test('one that was on its way while a key was withdrawn is not kept', async t => {
  let arrive = () => {}
  const arrives = new Promise<void>(resolve => { arrive = resolve })
  const { grants } = grantsOf(async count => {
    if (count === 1) await arrives
    return `token ${count}`
  })
  const first = grants.serviceToken('secrets', ['a:b'])
  grants.forget('key', 'any')
  arrive()
  t.equal(await first, 'token 1')
  t.equal(await grants.serviceToken('secrets', ['a:b']), 'token 2')
})
