/** Why the server closed a chat socket. 1007 (not UTF-8), 1009 (frame over 32 KiB) and 1002 come from the protocol itself. */
export const closeCodes = {
  /** Too many frames that no schema knows, or more waiting than a person can type. Do not reconnect by itself. */
  policy: 1008,
  /** The service restarts: reconnect after a second or two and resume. */
  restart: 1012,
  /** The service cannot follow revocations just now: reconnect with a growing delay. */
  stale: 1013,
  /** The session ended (logout, revocation, membership): sign in again. */
  revoked: 4401,
  /** The socket reached its maximum age: reconnect at once and resume. */
  tooOld: 4408,
  /** This person has too many sockets open. */
  tooMany: 4429
} as const
