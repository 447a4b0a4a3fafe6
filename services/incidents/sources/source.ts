import type { Severity } from '../severities.ts'

/**
 * What a monitoring tool is to us: how its deliveries prove where they come from, what makes one unique, and what it says.
 * A new tool is a file with one of these and a row in index.ts.
 */
export interface Source {
  kind: string
  /** As people write it. */
  title: string
  /** The ways it can prove a delivery; the first is the default. */
  authentications: readonly [Authentication, ...Authentication[]]
  /** Whether the delivery comes from whoever holds one of the secrets. Takes the same time for any wrong answer. */
  verify: (delivery: Delivery, authentication: Authentication, secrets: readonly string[], now: Date) => boolean
  /** What makes the delivery unique, read from an authentic one. Throws where that cannot be said: such a body is not of this tool. */
  identify: (payload: Payload, headers: Headers) => DeliveryIds
  /** When the payload says it happened, where that bounds a replay; null where the tool does not say. */
  occurredAt: (payload: Payload) => Date | null
  /** What it means. May throw: the event is then parked with the reason. */
  normalise: (payload: Payload) => Normalised
}

/** `hmac`: a signature over the body. `bearer`: the secret itself, as a bearer token or as the password of basic authentication. */
export type Authentication = 'hmac' | 'bearer'
export type Headers = Record<string, string | string[] | undefined>
export type Payload = Record<string, unknown>

export interface Delivery {
  headers: Headers
  body: Buffer
}

export interface DeliveryIds {
  /** From what the signature covers. */
  delivery: string
  /** From a header, the same on every retry. */
  sender?: string
}

export interface Alert {
  fingerprint: string
  title: string
  severity: Severity
  status: 'firing' | 'resolved'
  service: string | null
  labels: Record<string, string>
  url: string | null
  startsAt: Date
  endsAt: Date | null
  /** The sender's clock for this state: an older state that comes late changes nothing. */
  sourceTime: Date
}

/** The alerts of one delivery. They belong together for their sender, so they belong to one incident. */
export interface Group {
  key: string
  title: string
  service: string | null
  alerts: Alert[]
  /** Somebody has taken it on in the tool itself. */
  acknowledged: boolean
  /** How many alerts the sender left out, and whether it says that all of them are over. */
  truncated: number
  over: boolean
  /** What else was said, for the timeline. */
  notes: string[]
}

export type Normalised = { group: Group } | { ignored: string }
