import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { audit, type AuditEvent } from '#shared/audit'
import { conflict, notFound } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, ProblemDocument, Timestamp } from '#shared/schemas'
import { refuseUnaudited } from '../audited-read.ts'
import { lockedConnectionById, ownConnectionTo, type ConnectionRow } from '../connections.ts'
import { createGate } from '../gate.ts'
import { factsOf, type Provider } from '../providers/provider.ts'
import { providerNamed } from '../providers/table.ts'
import { problemOfVault } from '../reading.ts'
import { parseReference, pathOf } from '../reference.ts'
import { Cas, Connection, presentConnection } from '../schemas.ts'
import { connectionSlot } from '../slots.ts'

const states = ['current', 'kept', 'deleted', 'destroyed'] as const
const Version = closed({
  version: Type.Integer(),
  createdAt: Timestamp,
  state: Type.String({ enum: [...states], description: '`kept` and `deleted` can be restored' })
})

interface Params { provider: string, version: number }
const OfVersion = closed({ provider: Type.String({ maxLength: 64 }), version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) })
const OfProvider = closed({ provider: Type.String({ maxLength: 64 }) })

/**
 * The versions that Vault keeps of a connection (ten at most): what there is, never what is in it. Readers get the one that the row names, so it is no version to
 * delete: whoever wants it gone stores another or deletes the connection. What Vault holds beyond it was never acknowledged, and is not shown.
 */
export const connectionVersionRoutes: FastifyPluginAsync = async app => {
  // Each holds a connection to PostgreSQL while Vault answers, as writing does.
  const gate = createGate(2, 32, 'Too many versions are being changed.')
  const change = { callers: ['edge'], access: 'person', permission: 'connection:write', stepUp: true } as const
  const refusals = { 403: ProblemDocument, 404: ProblemDocument, 409: ProblemDocument }

  app.get<{ Params: { provider: string } }>('/api/connections/:provider/versions', {
    config: { callers: ['edge'], access: 'person', permission: 'connection:read' },
    schema: {
      summary: 'The versions of a connection of one\'s own, without values',
      tags: ['connections'],
      params: OfProvider,
      response: { 200: closed({ versions: Type.Array(Version) }), 404: ProblemDocument }
    }
  }, async request => {
    const { row } = await ownOf(request)
    const known = (await app.vault.kv.versions(pathIn(row)).catch(refuseWithout)).filter(({ version }) => version <= row.version)
    const stateOf = ({ version, isDeleted, isDestroyed }: typeof known[number]) => isDestroyed ? 'destroyed' : isDeleted ? 'deleted' : version === row.version ? 'current' : 'kept'
    return { versions: known.map(each => ({ version: each.version, createdAt: each.createdAt, state: stateOf(each) })) }
  })

  app.post<{ Params: Params, Body: { cas?: number } }>('/api/connections/:provider/versions/:version/restore', {
    config: change,
    schema: {
      summary: 'Store an earlier version again, as the newest',
      tags: ['connections'],
      params: OfVersion,
      body: closed({ cas: Cas }),
      response: { 200: Connection, ...refusals }
    }
  }, async request => {
    const { provider, row, path, version } = await earlierOf(request)
    const known = (await app.vault.kv.versions(path).catch(refuseWithout)).find(each => each.version === version)
    if (known === undefined || known.isDestroyed) throw notFound()
    if (known.isDeleted) {
      await app.database.inScope(scopeOf(request), sql => audit(sql, { action: 'connection.version-undelete', target: provider.name, detail: { version }, requestId: request.id })).catch(refuseUnaudited)
      await app.vault.kv.undelete(path, version).catch(refuseWithout)
    }
    const { values } = await app.vault.kv.read(path, version).catch(refuseWithout)
    const slot = connectionSlot(provider.name, row.reference, factsOf(provider, values))
    const restored = await app.keeper.put(scopeOf(request), {
      ...slot,
      event: (verb, saved) => verb === 'write' ? { action: 'connection.version-restore', target: provider.name, detail: { version: saved.version, of: version } } : slot.event(verb, saved)
      // Without a word of the client's, on top of what was there when it was asked: whoever stores another meanwhile is not overwritten.
    }, values, { cas: request.body.cas ?? row.version, requestId: request.id })
    return presentConnection(restored.row)
  })

  app.delete<{ Params: Params }>('/api/connections/:provider/versions/:version', {
    config: change,
    schema: { summary: 'Delete an earlier version; it can be restored', tags: ['connections'], params: OfVersion, response: { 204: Type.Null(), ...refusals } }
  }, async (request, reply) => {
    await changeVersion(request, 'connection.version-delete', app.vault.kv.deleteVersion)
    return await reply.code(204).send(null)
  })

  app.post<{ Params: Params }>('/api/connections/:provider/versions/:version/destroy', {
    config: change,
    schema: { summary: 'Destroy an earlier version for good', tags: ['connections'], params: OfVersion, response: { 204: Type.Null(), ...refusals } }
  }, async (request, reply) => {
    await changeVersion(request, 'connection.version-destroy', app.vault.kv.destroyVersion)
    return await reply.code(204).send(null)
  })

  async function ownOf (request: FastifyRequest<{ Params: { provider: string } }>): Promise<{ provider: Provider, row: ConnectionRow }> {
    // Those that were connected by going there hold tokens that follow each other: an earlier one is worth nothing.
    const provider = providerNamed(request.params.provider)
    if (provider === undefined) throw notFound()
    const [row] = await app.database.inScope(scopeOf(request), sql => ownConnectionTo(sql, provider.name))
    if (row === undefined) throw notFound()
    return { provider, row }
  }

  async function earlierOf (request: FastifyRequest<{ Params: Params }>) {
    const { version } = request.params
    const { provider, row } = await ownOf(request)
    assertEarlier(row, version)
    return { provider, row, path: pathIn(row), version }
  }

  /** No audit row, no change: it is committed first. Then, with the row locked, it is looked at again: after an end and a new beginning the version in use may be this one. */
  async function changeVersion (request: FastifyRequest<{ Params: Params }>, action: AuditEvent['action'], work: (path: string, version: number) => Promise<void>): Promise<void> {
    const { provider, row, path, version } = await earlierOf(request)
    if (!(await app.vault.kv.versions(path).catch(refuseWithout)).some(each => each.version === version)) throw notFound()
    const scope = scopeOf(request)
    const event: AuditEvent = { action, target: provider.name, detail: { version }, requestId: request.id }
    await app.database.inScope(scope, sql => audit(sql, event)).catch(refuseUnaudited)
    try {
      await gate(() => app.database.inScope(scope, async sql => {
        const [locked] = await lockedConnectionById(sql, row.id)
        if (locked === undefined || locked.status !== 'active') throw notFound()
        assertEarlier(locked, version)
        await work(path, version)
      }))
    } catch (error) {
      await app.database.inScope(scope, sql => audit(sql, { ...event, outcome: 'failure' })).catch(() => {})
      throw problemOfVault(error)
    }
  }

  function pathIn (row: ConnectionRow): string {
    const owner = parseReference(app.place, row.reference)
    if (owner === null) throw notFound()
    return pathOf(app.place, owner)
  }
}

function assertEarlier (row: ConnectionRow, version: number): void {
  if (version === row.version) throw conflict('This is the version in use.')
  if (version > row.version) throw notFound()
}

function refuseWithout (error: unknown): never {
  throw problemOfVault(error)
}
