import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/**
 * Node no longer reads requests from a connection that asked for an upgrade. Whatever is answered to it instead of 101 (no token, over the
 * limit, an address that speaks no WebSocket), the connection would stay open and deaf in the edge's pool, and whoever's request is sent
 * down it next would wait for nothing. The plugin of the sockets closes only what came as far as its own routes.
 */
export function closeRefusedUpgrades (app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    if (isUpgrade(request)) reply.header('connection', 'close')
  })
  app.addHook('onResponse', async request => {
    if (isUpgrade(request)) request.raw.socket.destroy()
  })
}

/** For an answer that no hook will see. */
export function endIfUpgrade (request: FastifyRequest, reply: FastifyReply): void {
  if (!isUpgrade(request)) return
  reply.header('connection', 'close')
  reply.raw.once('finish', () => request.raw.socket.destroy())
}

/** Node sets `upgrade` where it handed the connection over; a server that never upgrades reads on. */
function isUpgrade ({ raw }: FastifyRequest): boolean {
  return 'upgrade' in raw && raw.upgrade === true
}
