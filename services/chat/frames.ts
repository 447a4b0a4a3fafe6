/**
 * Every frame of `/api/chat/ws`, both ways. All are JSON text, closed objects, and carry `v: 1`.
 *
 * A client opens the socket, waits for `hello`, and sends `send`. The answer is `accepted` (which names the answer's
 * message id), then `delta` frames with `seq` 1, 2, 3 … and one `done` with the last `seq`. When the socket drops, open
 * another and `subscribe` with the last `seq` seen (0 for all): the rest follows, nothing twice. `error` with the code
 * `not_resumable` or `resynchronise` means: read `GET /api/chat/sessions/:id`, whose messages hold `content` and the
 * `seq` that this content reaches, show that, and subscribe from there if its status is still `streaming`.
 *
 * `clientMessageId` is made by the client (a UUID) and kept until `accepted` names it: sent again, it is the same
 * message (`data.duplicate`), and the client subscribes to its answer itself. Leaving never stops an answer; `stop` does.
 *
 * The console imports this module for its types only.
 */
import { Type, type Static } from 'typebox'

const uuid = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
const Uuid = Type.String({ pattern: uuid, maxLength: 36 })
const Seq = Type.Integer({ minimum: 0, maximum: 2_147_483_647 })
const closed = { additionalProperties: false }

/** Code points of one message of a person. */
export const MAX_TEXT = 16_000

export const SendFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('send'),
  sessionId: Uuid,
  clientMessageId: Uuid,
  text: Type.String({ minLength: 1, maxLength: MAX_TEXT })
}, closed)

/** Goes on reading an answer behind `after`, the last `seq` that the client has. */
export const SubscribeFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('subscribe'),
  messageId: Uuid,
  sessionId: Type.Optional(Uuid),
  after: Seq
}, closed)

/** Ends the generation of an answer, for every reader of it. */
export const StopFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('stop'),
  messageId: Uuid
}, closed)

export const PingFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('ping')
}, closed)

export const clientFrames = { send: SendFrame, subscribe: SubscribeFrame, stop: StopFrame, ping: PingFrame }

export type Send = Static<typeof SendFrame>
export type Subscribe = Static<typeof SubscribeFrame>
export type Stop = Static<typeof StopFrame>
export type Ping = Static<typeof PingFrame>
export type ClientFrame = Send | Subscribe | Stop | Ping

/** `heartbeat` and `maximumAge` in seconds; `expires` is when the server will close the socket with 4408. */
export const HelloFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('hello'),
  data: Type.Object({ heartbeat: Type.Integer(), maximumAge: Type.Integer(), expires: Type.String() }, closed)
}, closed)

/** `messageId` is the answer's; `personMessageId` what was saved of the person's own message. */
export const AcceptedFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('accepted'),
  sessionId: Uuid,
  messageId: Uuid,
  data: Type.Object({ clientMessageId: Uuid, personMessageId: Uuid, duplicate: Type.Boolean() }, closed)
}, closed)

export const DeltaFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('delta'),
  sessionId: Uuid,
  messageId: Uuid,
  seq: Seq,
  data: Type.Object({ text: Type.String() }, closed)
}, closed)

const FinalStatuses = Type.Union([
  Type.Literal('done'), Type.Literal('stopped'), Type.Literal('interrupted'), Type.Literal('failed')
])

/** `failure` says in words why an answer failed or was interrupted. */
export const DoneFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('done'),
  sessionId: Uuid,
  messageId: Uuid,
  seq: Seq,
  data: Type.Object({ status: FinalStatuses, failure: Type.Optional(Type.String()) }, closed)
}, closed)

/** The problem codes of the HTTP API, and two of the stream: both say "read the conversation again". */
const ErrorCodes = Type.Union([
  Type.Literal('validation'), Type.Literal('not-found'), Type.Literal('conflict'), Type.Literal('forbidden'),
  Type.Literal('unavailable'), Type.Literal('internal'), Type.Literal('not_resumable'), Type.Literal('resynchronise')
])

/**
 * `clientMessageId` and `messageId` name what the error is about, where the frame that caused it named one. `unavailable` to a
 * `send` means that nothing was kept: a part is away, or as many answers are being written as this person (5), their organisation
 * (50) or the process may have at once. Send it again after `retryAfter` seconds.
 */
export const ErrorFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('error'),
  messageId: Type.Optional(Uuid),
  data: Type.Object({
    code: ErrorCodes,
    detail: Type.String(),
    clientMessageId: Type.Optional(Uuid),
    retryAfter: Type.Optional(Type.Integer())
  }, closed)
}, closed)

/** Five messages a minute, per person over all sockets. `retryAfter` in seconds. */
export const LimitedFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('limited'),
  data: Type.Object({ retryAfter: Type.Integer({ minimum: 1 }), clientMessageId: Type.Optional(Uuid) }, closed)
}, closed)

export const PongFrame = Type.Object({
  v: Type.Literal(1),
  type: Type.Literal('pong')
}, closed)

export type ErrorCode = Static<typeof ErrorCodes>
export type FinalStatus = Static<typeof FinalStatuses>
export type Delta = Static<typeof DeltaFrame>
export type Done = Static<typeof DoneFrame>
export type ServerFrame =
  Static<typeof HelloFrame> | Static<typeof AcceptedFrame> | Delta | Done |
  Static<typeof ErrorFrame> | Static<typeof LimitedFrame> | Static<typeof PongFrame>
