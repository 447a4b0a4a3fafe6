import bowser from 'bowser'
import ipaddr from 'ipaddr.js'

/** A browser as its owner would name it: `Firefox on Linux`. From what the browser says of itself, so nothing is decided by it. */
export function deviceInWords (userAgent: string): string {
  if (userAgent === '') return 'An unknown program'
  const { browser, os, platform } = bowser.parse(userAgent)
  // Programs say `name/version`.
  if (!browser.name) return /^[\w.-]{1,40}/.exec(userAgent)?.[0] ?? 'An unknown program'
  const system = platform.model ?? os.name
  return system === undefined ? browser.name : `${browser.name} on ${system}`
}

/** Where a session was opened, as seen from where its owner is now. A country is not guessed: the free tables of them are wrong too often to warn anybody. */
export function placeInWords (network: string, here: string): string {
  if (network === '') return 'An unknown network'
  // The /64 of ::1 holds nothing else that anybody could come from.
  const address = network === '0:0:0:0::/64' ? '::1' : network.split('/')[0] ?? ''
  if (network === here) return `The network you are on now (${address === '::1' ? address : network})`
  const range = ipaddr.isValid(address) ? ipaddr.process(address).range() : 'unknown'
  if (range === 'loopback') return 'The computer that Aurora runs on'
  if (range === 'private' || range === 'uniqueLocal' || range === 'linkLocal') return `A private network (${network})`
  return `Another network (${network})`
}
