import { repository } from '../../infra/parts/repository.ts'
import { publicRoutes } from '../openapi/public-routes.ts'

/** A public route that asks for a person, and the permission that it asks of their role; null: being signed in is enough. */
export interface PersonRoute {
  method: string
  path: string
  permission: string | null
  stepUp: boolean
  summary: string
}

/** As the services declare them, so also those that are added tomorrow. */
export async function personRoutes (): Promise<PersonRoute[]> {
  const routes = (await publicRoutes(repository)).filter(({ config }) => config?.access === 'person')
  return routes.flatMap(({ method, url, config, schema }) => {
    const permission = config?.permission
    // It would be in no table: what a role may do there could only be found out by asking.
    if (permission === undefined || typeof permission === 'function') throw new Error(`What ${url} asks for does not stand in its declaration`)
    return [method].flat().map(name => ({ method: name, path: url, permission, stepUp: config?.stepUp === true, summary: schema?.summary ?? '' }))
  })
}
