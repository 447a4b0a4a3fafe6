import type { FastifyInstance } from 'fastify'
import { notFound } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { alertsOf } from '../alerts.ts'
import { incidentByNumber, incidentsOf } from '../incidents.ts'
import * as schemas from '../schemas.ts'
import { timelineOf } from '../timeline.ts'

const reads = { callers: ['edge', 'chat'], access: 'person', permission: 'incident:read' } as const

/** Incidents as anyone in the organisation may read them. Another organisation's and none at all are the same 404. */
export async function incidentRoutes (app: FastifyInstance) {
  app.get<{ Querystring: schemas.IncidentQueryString }>('/api/incidents', {
    schema: {
      tags: ['incidents'],
      summary: 'Incidents of the organisation, the newest first',
      querystring: schemas.IncidentQuery,
      response: { 200: schemas.IncidentList, ...schemas.problems }
    },
    config: reads
  }, async request => {
    const { limit, ...filter } = request.query
    const incidents = await app.database.inScope(scopeOf(request), sql => incidentsOf(sql, { ...filter, limit: limit + 1 }))
    // one more than asked for says whether there is a next page
    const isLast = incidents.length <= limit
    if (!isLast) incidents.pop()
    return { incidents, next: isLast ? null : incidents.at(-1)?.number ?? null }
  })

  app.get<{ Params: { number: number } }>('/api/incidents/:number', {
    schema: {
      tags: ['incidents'],
      summary: 'An incident with its alerts',
      params: schemas.IncidentNumber,
      response: { 200: schemas.IncidentDetail, ...schemas.problems }
    },
    config: reads
  }, async request => {
    return await app.database.inScope(scopeOf(request), async sql => {
      const [incident] = await incidentByNumber(sql, request.params.number)
      if (incident === undefined) throw notFound()
      return { ...incident, alerts: await alertsOf(sql, incident.id, 200) }
    })
  })

  app.get<{ Params: { number: number }, Querystring: schemas.TimelineQueryString }>('/api/incidents/:number/timeline', {
    schema: {
      tags: ['incidents'],
      summary: 'What happened, oldest first; the newest entries unless `before` names one',
      params: schemas.IncidentNumber,
      querystring: schemas.TimelineQuery,
      response: { 200: schemas.Timeline, ...schemas.problems }
    },
    config: reads
  }, async request => {
    const { limit, before } = request.query
    return await app.database.inScope(scopeOf(request), async sql => {
      const [incident] = await incidentByNumber(sql, request.params.number)
      if (incident === undefined) throw notFound()
      return { entries: await timelineOf(sql, incident.id, limit, before) }
    })
  })
}
