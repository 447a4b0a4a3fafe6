import type { FastifyInstance, FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import { conflict, notFound } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { personActor } from '../actor.ts'
import { announce } from '../changes.ts'
import { incidentByNumber, lockIncident } from '../incidents.ts'
import * as schemas from '../schemas.ts'
import { transition } from '../transition.ts'
import type { Action } from '../transitions.ts'

const summaries: Record<Action, string> = {
  acknowledge: 'Take an incident on',
  resolve: 'Say that an incident is over'
}

/** One route per action of the state machine. What is done already is done: 200, and nothing changes. */
export async function transitionRoutes (app: FastifyInstance) {
  for (const action of Object.keys(summaries) as Action[]) {
    app.post<{ Params: { number: number } }>(`/api/incidents/:number/${action}`, {
      schema: {
        tags: ['incidents'],
        summary: summaries[action],
        params: schemas.IncidentNumber,
        body: schemas.Nothing,
        response: { 200: schemas.Incident, ...schemas.problems }
      },
      config: { callers: ['edge', 'chat'], access: 'person', permission: 'incident:write' }
    }, async request => await take(request, request.params.number, action))
  }

  async function take (request: FastifyRequest, number: number, action: Action) {
    const person = personOf(request)
    const { incident, moved } = await app.database.inScope(scopeOf(request), async sql => {
      const [locked] = await lockIncident(sql, number)
      if (locked === undefined) throw notFound()
      const outcome = await transition(sql, person.organisation, locked, action, personActor(person))
      if (outcome.kind === 'conflict') throw conflict(`An incident that is ${locked.status} cannot be taken there.`)
      const moved = outcome.kind === 'move'
      if (moved) await audit(sql, { action: `incident.${action}`, target: locked.id, detail: { number }, requestId: request.id })
      const [incident] = await incidentByNumber(sql, number)
      return { incident, moved }
    })
    if (moved) await app.database.resolve(sql => announce(sql, person.organisation)).catch(error => request.log.info({ err: error }, 'the live log is read at its next look'))
    return incident
  }
}
