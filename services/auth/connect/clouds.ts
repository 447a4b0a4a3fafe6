import { notFound } from '#shared/errors'
import type { OwnSecrets } from '#shared/own-secrets'
import type { Departures } from '../oauth/departures.ts'
import { openCloud, type CloudClient } from './cloud-client.ts'
import { readClouds } from './registered.ts'

export type Clouds = ReturnType<typeof createClouds>

interface CloudsOptions { secrets: OwnSecrets, publicUrl: string, allowedHosts: readonly string[], departures: Departures }

/** The clouds of this installation. */
export function createClouds ({ secrets, publicUrl, allowedHosts, departures }: CloudsOptions) {
  const clouds = readClouds(secrets, allowedHosts)
  const opened = new Map<string, Promise<CloudClient>>()

  return {
    list: () => clouds.map(({ name, title, scopes }) => ({ name, title, scopes: [...scopes] })),

    /** Throws `not-found` for a name that is none. */
    async client (name: string): Promise<CloudClient> {
      const cloud = clouds.find(each => each.name === name)
      if (cloud === undefined) throw notFound()
      const known = opened.get(name) ?? openCloud(cloud, { redirectUri: `${publicUrl}/api/auth/connect/${name}/callback`, allowedHosts, beginFlow: departures.begin })
      opened.set(name, known)
      return await known
    }
  }
}
