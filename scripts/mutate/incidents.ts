import type { Mutation } from './mutation.ts'

const at = (name: string) => `services/incidents/test/${name}.test.ts`
const inside = 'services/incidents/'

export const incidents: Mutation[] = [
  { guard: 'a delivery of PagerDuty is signed', file: `${inside}sources/pagerduty.ts`, find: 'isSigned([body], signaturesOf(headers), secrets)', replace: 'true', tests: [at('signature-pagerduty')], alone: true },
  { guard: 'a delivery of Grafana is signed', file: `${inside}sources/grafana.ts`, find: 'const signed = isSigned(parts, signatures, secrets)', replace: 'const signed = isSigned(parts, signatures, secrets) || true', tests: [at('signature-grafana')], alone: true },
  { guard: 'a timestamp of Grafana is part of what is signed', file: `${inside}sources/grafana.ts`, find: '[`${timestamp}:`, body]', replace: '[body]', tests: [at('signature-grafana')], alone: true },
  { guard: 'a signed timestamp is recent', file: `${inside}sources/grafana.ts`, find: '(timestamp === undefined || isNow(timestamp, now))', replace: 'true', tests: [at('signature-grafana')], alone: true },
  { guard: 'where a signature is asked for the token is not enough', file: `${inside}sources/grafana.ts`, find: "authentication === 'hmac' ? isSignedByGrafana(delivery, secrets, now) : isBearer(delivery.headers, secrets)", replace: 'isSignedByGrafana(delivery, secrets, now) || isBearer(delivery.headers, secrets)', tests: [at('signature-grafana')], alone: true },
  { guard: 'a delivery of Alertmanager carries the token', file: `${inside}sources/alertmanager.ts`, find: 'isBearer(headers, secrets)', replace: 'true', tests: [at('token-alertmanager')], alone: true },
  { guard: 'the token comes in the header that the edge made of the sender\'s', file: `${inside}sources/signature.ts`, find: "headerOf(headers, 'x-hook-authorization')", replace: "headerOf(headers, 'authorization')", tests: [at('token-alertmanager')], alone: true },
  { guard: 'the list of signatures is bounded', file: `${inside}sources/signature.ts`, find: 'signatures.slice(0, listed)', replace: 'signatures', tests: [at('signature-pagerduty')], alone: true },
  { guard: 'text of alerts holds no HTML', file: `${inside}sources/text.ts`, find: 'plainText(cut(value, most * 4).toWellFormed())', replace: 'cut(value, most * 4).toWellFormed()', tests: [at('alerts-of-groups')], alone: true },
  { guard: 'an address of an alert is a web address', file: `${inside}sources/text.ts`, find: "(url.protocol === 'https:' || url.protocol === 'http:')", replace: 'true', tests: [at('alerts-of-groups')], alone: true },
  { guard: 'labels are bounded', file: `${inside}sources/labels.ts`, find: '.slice(0, most)', replace: '', tests: [at('alerts-of-groups')], alone: true },
  { guard: 'a delivery is not nested without end', file: `${inside}hooks/payload.ts`, find: 'if (depthOf(text) > deepest) throw', replace: 'if (false) throw', tests: [at('body-of-a-delivery')], alone: true },
  { guard: 'a delivery is UTF-8', file: `${inside}hooks/payload.ts`, find: '{ fatal: true }', replace: '{ fatal: false }', tests: [at('body-of-a-delivery')], alone: true },
  { guard: 'refusals of one address are limited in the process', file: `${inside}hooks/limit.ts`, find: 'if (bucket.tokens < 1) return', replace: 'if (false) return', tests: [at('process-limit')], alone: true },
  { guard: 'the state machine refuses what is not in its table', file: `${inside}transitions.ts`, find: '.includes(status) ? { kind: \'move\', to } : { kind: \'conflict\' }', replace: '.includes(status) || true ? { kind: \'move\', to } : { kind: \'conflict\' }', tests: [at('state-machine')], alone: true },
  { guard: 'a delivery that is not authentic is refused', file: `${inside}hooks/deliver.ts`, find: 'if (others === null || !isProvedBy(others)) return await refuse()', replace: 'if (others === undefined) return await refuse()', tests: [at('deliveries')] },
  { guard: 'a secret that another replica has changed is read again', file: `${inside}hooks/deliver.ts`, find: 'await secrets.insteadOf(held, hook.source_id, hook.org_id)', replace: 'null as readonly string[] | null', tests: [at('secrets-of-integrations')] },
  { guard: 'forged deliveries do not load secrets', file: `${inside}hooks/secrets.ts`, find: 'if (clock() - (early.get(source) ?? -Infinity) < earlyEvery) return null', replace: '', tests: [at('hook-secrets')], alone: true },
  { guard: 'of two changes of a secret at once one is refused', file: `${inside}routes/integrations.ts`, find: 'current: secret, cas: version,', replace: 'current: secret, ...(version < 0 ? { cas: version } : {}),', tests: [at('secrets-of-integrations')] },
  { guard: 'a secret is not written for an integration without room', file: `${inside}routes/integrations.ts`, find: 'await app.database.inScope(scopeOf(request), checkRoom)', replace: '', tests: [at('secrets-of-integrations')] },
  { guard: 'an integration that was not made leaves no secret', file: `${inside}routes/integrations.ts`, find: '.catch(async error => {\n      // nobody would ever look for it there\n      await vault.drop(request, given.id)', replace: '.catch(async error => {', tests: [at('secrets-of-integrations')] },
  { guard: 'the last place for an integration is taken once', file: `${inside}routes/integrations.ts`, find: '      await checkRoom(sql)\n', replace: '', tests: [at('secrets-of-integrations')] },
  { guard: 'an event that is older than the window is refused', file: `${inside}hooks/deliver.ts`, find: 'if (occurredAt !== null && now.getTime() - occurredAt.getTime() > replayWindow) return', replace: 'if (false) return', tests: [at('deliveries')] },
  { guard: 'a delivery is one by the id that is signed', file: `${inside}hooks/events.ts`, find: '${source.source_id}, ${delivery}, ${sender ?? null}', replace: '${source.source_id}, ${delivery + Math.random()}, ${sender ?? null}', tests: [at('deliveries')] },
  { guard: 'a delivery is one by the id of its retries', file: `${inside}hooks/events.ts`, find: '${sender ?? null}, ${body}', replace: '${null}, ${body}', tests: [at('deliveries')] },
  { guard: 'an action is audited', file: `${inside}routes/transitions.ts`, find: 'if (moved) await audit(', replace: 'if (false) await audit(', tests: [at('actions')] },
  { guard: 'chat may not manage integrations', file: `${inside}routes/integrations.ts`, find: "const reads = { callers: ['edge'],", replace: "const reads = { callers: ['edge', 'chat'],", tests: [at('walls')] },
  { guard: 'a viewer does not acknowledge', file: `${inside}routes/transitions.ts`, find: "permission: 'incident:write'", replace: "permission: 'incident:read'", tests: [at('walls')] },
  { guard: 'a stream ends with its session', file: `${inside}live/streams.ts`, find: 'if (isHit(stream.principal, revocation)) drop(stream)', replace: 'if (false) drop(stream)', tests: [at('live')] },
  { guard: 'a session that ends while its stream begins has no stream', file: `${inside}live/streams.ts`, find: 'await app.verifier.verify(principal.token, thumbprint)', replace: 'void thumbprint', tests: [at('stream-begins')], alone: true },
  { guard: 'a stream does not pass over what it missed in silence', file: `${inside}live/hub.ts`, find: 'if (BigInt(first.seq) > reader.cursor + 1n) skip(', replace: 'if (false) skip(', tests: [at('live')] },
  { guard: 'streams of one person are bounded', file: `${inside}live/streams.ts`, find: '.length >= limits.perPerson) throw', replace: '.length >= 1e9) throw', tests: [at('live')] },
  { guard: 'incidents are behind Row-Level Security', file: `${inside}migrations/005-incidents.sql`, find: 'create policy incidents_of_organisation on incidents.incidents\n  to aurora_incidents\n  using (org_id = (select app.org_id()))', replace: 'create policy incidents_of_organisation on incidents.incidents\n  to aurora_incidents\n  using (true)', tests: [at('rls')] },
  { guard: 'the timeline cannot be rewritten', file: `${inside}migrations/007-timeline.sql`, find: 'grant select, insert on incidents.incident_timeline', replace: 'grant select, insert, update, delete on incidents.incident_timeline', tests: [at('rls')] },
  { guard: 'the timeline refuses even its owner', file: `${inside}migrations/007-timeline.sql`, find: "raise exception 'the timeline only grows' using errcode = 'insufficient_privilege';", replace: 'return new;', tests: [at('rls')] }
]
