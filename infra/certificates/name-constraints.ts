import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'
import ipaddr from 'ipaddr.js'

/**
 * RFC 5280 §4.2.1.10: the only hosts that a CA may name. In DER by hand, since @peculiar/x509 has no class for it:
 * SEQUENCE { [0] { SEQUENCE { [2] DNS name | [7] address and mask } … } }. Name at least one host of each kind: a kind that is absent stays free.
 */
export function nameConstraints (hosts: string[]): x509.Extension {
  const subtrees = hosts.map(host => der(0x30, isIP(host) === 0 ? der(0x82, Buffer.from(host, 'ascii')) : der(0x87, addressAndMask(host))))
  return new x509.Extension('2.5.29.30', true, der(0x30, der(0xa0, Buffer.concat(subtrees))))
}

function addressAndMask (host: string): Buffer {
  const address = Buffer.from(ipaddr.parse(host).toByteArray())
  return Buffer.concat([address, Buffer.alloc(address.length, 0xff)])
}

function der (tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
