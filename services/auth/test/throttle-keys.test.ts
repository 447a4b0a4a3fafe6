import t from 'tap'
import { networkOf } from '#shared/network'
import { neighbourhoodOf, throttleKey } from '../throttles.ts'

t.test('an IPv6 customer counts as one, however many addresses they have', async t => {
  t.equal(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:2:ffff:ffff:ffff:ffff'))
  t.not(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'))
})

t.test('an IPv4 address counts as itself, also inside IPv6', async t => {
  t.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7')
  t.not(networkOf('192.0.2.7'), networkOf('192.0.2.8'))
})

t.test('a neighbourhood is the /24 of an IPv4 address and the /48 of an IPv6 one', async t => {
  t.equal(neighbourhoodOf('192.0.2.7'), '192.0.2.0/24')
  t.equal(neighbourhoodOf('::ffff:192.0.2.7'), '192.0.2.0/24')
  t.equal(neighbourhoodOf('2001:db8:1:2::1'), neighbourhoodOf('2001:db8:1:ffff::9'))
  t.not(neighbourhoodOf('2001:db8:1:2::1'), neighbourhoodOf('2001:db8:2:2::1'))
})

t.test('an address and an account with the same text have counters of their own', async t => {
  t.notSame(throttleKey('account', 'x'), throttleKey('address', 'x'))
  t.equal(throttleKey('account', 'x').length, 32)
})
