import { closed, Id, ProblemDocument, Text, Timestamp } from '#shared/schemas'
import { Type } from 'typebox'

export const SessionId = closed({ id: Id })

export const Session = closed({
  id: Id,
  title: Type.String(),
  incident: Type.Union([Type.Integer(), Type.Null()], { description: 'Number of the incident that the conversation is about' }),
  createdAt: Timestamp,
  updatedAt: Timestamp
})

export const Message = closed({
  id: Id,
  role: Type.Union([Type.Literal('person'), Type.Literal('assistant')]),
  source: Type.Union([Type.Literal('person'), Type.Literal('command'), Type.Literal('model'), Type.Literal('notice')], {
    description: 'What wrote it. Only a model writes Markdown; everything else is plain text.'
  }),
  status: Type.Union([Type.Literal('streaming'), Type.Literal('done'), Type.Literal('stopped'), Type.Literal('interrupted'), Type.Literal('failed')]),
  content: Type.String(),
  seq: Type.Integer({ description: 'The last delta that content holds: subscribe after it.' }),
  failure: Type.Union([Type.String(), Type.Null()]),
  clientMessageId: Type.Union([Id, Type.Null()]),
  replyTo: Type.Union([Id, Type.Null()], { description: 'The message that this one answers' }),
  createdAt: Timestamp,
  finishedAt: Type.Union([Timestamp, Type.Null()])
})

export const MAX_TITLE = 200

export const NewSession = closed({
  title: Type.Optional(Text(MAX_TITLE)),
  incident: Type.Optional(Type.Integer({ minimum: 1, maximum: 999_999_999 }))
})

/** Milliseconds and an id. Exactly a UUID: what PostgreSQL cannot read as one would be an error of ours, not the asker's. */
const cursor = '^[0-9]{13}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'

export const SessionQuery = closed({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
  before: Type.Optional(Type.String({ maxLength: 50, pattern: cursor, description: 'The `next` of the page before' }))
})

export const SessionList = closed({
  sessions: Type.Array(Session),
  next: Type.Union([Type.String(), Type.Null()])
})

export const Conversation = closed({ session: Session, messages: Type.Array(Message) })

export const problems = { '4xx': ProblemDocument, '5xx': ProblemDocument }
