import type { Mutation } from './mutation.ts'

const test = (...names: string[]) => names.map(name => `services/chat/test/${name}.test.ts`)

export const chat: Mutation[] = [
  { guard: 'an end that is on its way to the log is waited for', file: 'services/chat/stream/tail.ts', find: 'if (ending !== undefined) return lose()', replace: 'if (ending === undefined) return lose()', tests: ['services/chat/test/tail.test.ts'], alone: true },
  { guard: 'a page of another site opens no socket', file: 'services/chat/routes/socket.ts', find: "if (!origins.includes(request.headers.origin ?? ''))", replace: 'if (false)', tests: test('upgrade') },
  { guard: 'a refused upgrade does not leave a deaf connection in the edge\'s pool', file: 'services/chat/routes/socket.ts', find: '  closeRefused(app)\n', replace: '', tests: test('upgrade') },
  { guard: 'a frame has a schema', file: 'services/chat/socket/parse.ts', find: 'if (check.Check(value))', replace: 'if (true)', tests: test('frames'), alone: true },
  { guard: 'a frame is text', file: 'services/chat/socket/parse.ts', find: 'if (isBinary)', replace: 'if (false)', tests: test('frames'), alone: true },
  { guard: 'a frame has at most 32 KiB', file: 'services/chat/routes/socket.ts', find: 'maxPayload: MAX_FRAME, ', replace: '', tests: test('socket') },
  { guard: 'bad frames close the socket', file: 'services/chat/socket/connection.ts', find: 'if (++bad >= MAX_BAD_FRAMES)', replace: 'if (false)', tests: test('socket') },
  { guard: 'a flood of frames closes the socket', file: 'services/chat/socket/serve.ts', find: 'if (++waiting > MAX_WAITING)', replace: 'if (false)', tests: test('socket') },
  { guard: 'a person has ten sockets at most', file: 'services/chat/routes/socket.ts', find: 'if (!sockets.hasRoomFor(personOf(request).id)) throw', replace: 'if (false) throw', tests: test('socket') },
  { guard: 'five messages a minute', file: 'services/chat/socket/respond.ts', find: 'if (!allowed)', replace: 'if (false)', tests: test('limit') },
  { guard: 'the bucket is the person\'s, not the conversation\'s', file: 'services/chat/socket/respond.ts', find: 'chat:bucket:${connection.speaker.person}', replace: 'chat:bucket:${sessionId}', tests: test('limit') },
  { guard: 'a revoked session has no socket', file: 'services/chat/socket/sockets.ts', find: "if (isEndedBy(connection.speaker, revocation)) connection.close('revoked')", replace: 'void connection', tests: test('revocation') },
  { guard: 'a revoked session has no answer in the making', file: 'services/chat/answers/generations.ts', find: "end(job => isEndedBy(job.speaker, revocation), 'interrupted')", replace: 'void revocation', tests: test('answers') },
  { guard: 'nothing is taken while revocations cannot be heard', file: 'services/chat/socket/serve.ts', find: '    await untilFresh()\n', replace: '', tests: test('stale.faults') },
  { guard: 'conversations belong to their person, not to the organisation', file: 'services/chat/migrations/001-sessions.sql', find: '  using (org_id = (select app.org_id()) and person_id = (select app.person_id()))', replace: '  using (org_id = (select app.org_id()))', tests: test('rls') },
  { guard: 'messages belong to their person, not to the organisation', file: 'services/chat/migrations/002-messages.sql', find: '  using (org_id = (select app.org_id()) and person_id = (select app.person_id()))', replace: '  using (org_id = (select app.org_id()))', tests: test('rls') },
  { guard: 'usage rows belong to their person, not to the organisation', file: 'services/chat/migrations/003-usage.sql', find: '  using (org_id = (select app.org_id()) and person_id = (select app.person_id()))', replace: '  using (org_id = (select app.org_id()))', tests: test('rls') },
  { guard: 'data is marked as data before a model', file: 'services/chat/model/prompt.ts', find: "if (message.source === 'command') return data(message.content)", replace: '', tests: test('prompt'), alone: true },
  { guard: 'secrets are taken out before a model sees them', file: 'services/chat/model/prompt.ts', find: 'content: redact(content)', replace: 'content', tests: test('prompt'), alone: true },
  { guard: 'a broken stream is not a whole answer', file: 'services/chat/model/complete.ts', find: 'if (finish === null) throw', replace: 'if (false) throw', tests: test('model'), alone: true },
  { guard: 'a line of a model has 64 KiB at most', file: 'services/chat/model/sse.ts', find: 'const MAX_LINE = 64 * 1024', replace: 'const MAX_LINE = 64 * 1024 * 1024', tests: test('model-events'), alone: true },
  { guard: 'an event of a model has 256 KiB at most', file: 'services/chat/model/sse.ts', find: 'if (size > MAX_EVENT) throw', replace: 'if (false) throw', tests: test('model-events'), alone: true },
  { guard: 'no message is accepted while its answer could not be read', file: 'services/chat/socket/respond.ts', find: 'if (!parts.subscriber.isReady()) throw', replace: 'if (false) throw', tests: test('redis-absent.faults') },
  { guard: 'an accepted message is never said to have failed', file: 'services/chat/socket/respond.ts', find: 'if (job !== null) await followAccepted(parts, connection, sessionId, answerId)', replace: 'if (job !== null) await followAnswer(parts, connection, sessionId, answerId, 0)', tests: test('redis-absent.faults') },
  { guard: 'a reader that failed listens no longer', file: 'services/chat/stream/tail.ts', find: '    // nobody would know of this listener\n    end()\n', replace: '', tests: test('tail'), alone: true },
  { guard: 'a person has five answers at once at most', file: 'services/chat/answers/places.ts', find: 'const PER_PERSON = 5', replace: 'const PER_PERSON = 1_000', tests: test('shares') },
  { guard: 'an organisation has fifty answers at once at most', file: 'services/chat/answers/places.ts', find: 'const PER_ORGANISATION = 50', replace: 'const PER_ORGANISATION = 1_000', tests: test('shares') },
  { guard: 'the process has two hundred answers at once at most', file: 'services/chat/answers/places.ts', find: 'const IN_ALL = 200', replace: 'const IN_ALL = 100_000', tests: test('places'), alone: true },
  { guard: 'the share of a person is theirs in all organisations', file: 'services/chat/answers/places.ts', find: '`person ${person}`', replace: '`person ${person} ${scope.organisation}`', tests: test('places'), alone: true },
  { guard: 'an answer that ended gives its place up', file: 'services/chat/answers/generations.ts', find: '      leavePlace()\n      job.speaker', replace: '      job.speaker', tests: test('shares') },
  { guard: 'a cursor that is no UUID is refused before PostgreSQL', file: 'services/chat/schemas.ts', find: '-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', replace: '-[0-9a-f-]{36}$', tests: test('sessions') },
  { guard: 'a title that grows past its column is refused before PostgreSQL', file: 'services/chat/routes/sessions.ts', find: 'if (title.length > schemas.MAX_TITLE) throw', replace: 'if (false) throw', tests: test('sessions') },
  { guard: 'an id in a frame is a UUID', file: 'services/chat/frames.ts', find: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$', replace: '^[0-9a-f-]{36}$', tests: test('frames'), alone: true }
]
