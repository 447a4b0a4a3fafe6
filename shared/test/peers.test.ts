import t from 'tap'
import { peerOfSubjectAltName } from '../peers.ts'

t.test('a peer is exactly one URI SAN with a known name', async t => {
  t.equal(peerOfSubjectAltName('URI:spiffe://aurora/edge'), 'edge')
  t.equal(peerOfSubjectAltName('URI:spiffe://aurora/edge, DNS:edge, DNS:localhost, IP Address:127.0.0.1'), 'edge')
  for (const text of [
    undefined,
    '',
    'DNS:edge',
    'DNS:spiffe://aurora/edge',
    'URI:spiffe://aurora/',
    'URI:spiffe://aurora/edges',
    'URI:spiffe://aurora/Edge',
    'URI:spiffe://aurora/edge/',
    'URI:spiffe://aurora/edge?x',
    'URI:spiffe://aurora/edge#x',
    'URI:SPIFFE://aurora/edge',
    'URI:spiffe://aurora.evil/edge',
    'URI:spiffe://aurora/edge, URI:spiffe://aurora/chat',
    'URI:spiffe://aurora/edge, URI:https://elsewhere',
    'DNS:"x, URI:spiffe://aurora/edge", URI:spiffe://aurora/chat',
    '"URI:spiffe://aurora/edge"'
  ]) t.equal(peerOfSubjectAltName(text), null, text ?? 'none')
})
