import type { FastifyInstance } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { endExpiredApiKeys, forgetApiKeys } from './api-keys.ts'
import { forgetDevices } from './devices.ts'
import { forgetInvitations } from './invitations.ts'
import { forgetPending } from './pending-logins.ts'
import { purgeOrganisations } from './purge.ts'
import { endExpiredSessions, forgetExpired } from './sessions.ts'

/** Milliseconds. A session that ran out is refused at once wherever it is asked about; this tells the sockets that hang on it. */
const every = 5_000
const forgetEvery = 10 * 60_000
/** A key's end stands in its row from the beginning, and somebody may rely on the second. */
const keysEvery = 400

/** Ends what time has ended, and forgets what is long over. Any number of replicas may run it. */
export async function endExpired (app: FastifyInstance, signal: AbortSignal): Promise<void> {
  let forgotAt = -Infinity
  while (!signal.aborted) {
    await app.database.resolve(sql => endExpiredSessions(sql, app.auth.config.SESSION_IDLE_SECONDS))
    if (performance.now() - forgotAt > forgetEvery) {
      await app.database.resolve(sql => forgetExpired(sql))
      await app.database.resolve(sql => forgetDevices(sql))
      await app.database.resolve(sql => forgetApiKeys(sql))
      await app.database.resolve(sql => forgetInvitations(sql))
      await app.database.resolve(sql => forgetPending(sql))
      await purgeOrganisations(app.database, app.log)
      await app.auth.mailbox?.forget()
      forgotAt = performance.now()
    }
    await delay(every, undefined, { signal }).catch(() => {})
  }
}

/** Tells the sockets of a key that ran out. Any number of replicas may run it. */
export async function endExpiredKeys (app: FastifyInstance, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await app.database.resolve(sql => endExpiredApiKeys(sql))
    await delay(keysEvery, undefined, { signal }).catch(() => {})
  }
}
