import t from 'tap'
import { scramVerifier, verifies } from '../scram.ts'

t.test('a verifier is of its password and of no other', async t => {
  const verifier = scramVerifier('a-password')
  t.ok(verifies(verifier, 'a-password'))
  t.notOk(verifies(verifier, 'another'))
  t.notOk(verifies(null, 'a-password'))
  t.notOk(verifies('md5abc', 'a-password'))
})

t.test('a verifier holds nothing of the password and differs each time', async t => {
  t.notMatch(scramVerifier('a-password'), /a-password/)
  t.not(scramVerifier('a-password'), scramVerifier('a-password'))
})

t.test('the example of RFC 7677 comes out', async t => {
  // Client and server of the RFC agree on salt and rounds; the keys are what those of its exchange derive from.
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
  t.equal(scramVerifier('pencil', salt, 4096), 'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=')
})
