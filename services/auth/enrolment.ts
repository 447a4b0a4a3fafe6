import type { FastifyRequest } from 'fastify'
import { forbidden } from '#shared/errors'
import type { LiveSession, Method } from './sessions.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Open to someone who must add a second factor first: what they need for that, and the way out. */
    whileEnrolling?: true
  }
}

const factors: ReadonlySet<Method> = new Set(['otp', 'pop', 'rc'])

/** Whether more than the first factor was shown. Who has a second one has always shown it: no session begins without (first-step.ts). */
export const holdsFactor = (methods: Method[]): boolean => methods.some(method => factors.has(method))

/** Whether the session's organisation asks for a second factor, and the session has shown none. */
export const mustEnrol = ({ requireFactor, methods }: Pick<LiveSession, 'requireFactor' | 'methods'>): boolean => requireFactor && !holdsFactor(methods)

export const enrolFirst = () => forbidden('This organisation asks for a second factor. Add one to your account first.')

/** Throws on every route of auth but those that say otherwise. */
export function assertEnrolled (request: FastifyRequest, session: LiveSession): void {
  if (mustEnrol(session) && request.routeOptions.config.whileEnrolling !== true) throw enrolFirst()
}
