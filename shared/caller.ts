import type { FastifyRequest } from 'fastify'
import { TLSSocket } from 'node:tls'
import { peerOfSubjectAltName, type PeerName } from './peers.ts'
import { thumbprintOf } from './tls.ts'

/** Who is on the other end of a connection. */
export interface Caller {
  peer: PeerName
  /** RFC 8705 x5t#S256 of the certificate that was presented. */
  thumbprint: string
}

const known = new WeakMap<TLSSocket, Caller | null>()

/** The caller of a request by its client certificate, or null. A connection's certificate cannot change, so it is read once. */
export function callerOf (request: FastifyRequest): Caller | null {
  const socket = request.raw.socket
  if (!(socket instanceof TLSSocket)) return null
  const seen = known.get(socket)
  if (seen !== undefined) return seen
  const caller = readCaller(socket)
  known.set(socket, caller)
  return caller
}

function readCaller (socket: TLSSocket): Caller | null {
  if (!socket.authorized) return null
  const certificate = socket.getPeerX509Certificate()
  const peer = peerOfSubjectAltName(certificate?.subjectAltName)
  return certificate === undefined || peer === null ? null : { peer, thumbprint: thumbprintOf(certificate.raw) }
}
