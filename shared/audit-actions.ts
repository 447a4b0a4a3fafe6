/**
 * Every name that a row of the audit log can bear, and what it means. Closed like the other tables of the trust model: an action that is not here does not
 * compile, so nobody who searches the log misses one that was made up elsewhere. docs/audit.md prints this table.
 */
export const auditActions = {
  'audit.export': 'The audit log was exported; `detail` has the format and the filter',
  'audit.verify': 'The chain was verified; `failure` when it does not hold',
  'auth.delegation.created': 'A service got the right to go on in a person\'s name',
  'auth.delegation.ended': 'A service gave such a right back',
  'auth.delegation.refused': 'A service asked for such a right and may not have it',
  'auth.exchange.refused': 'A service asked for a token that the table of exchanges does not allow',
  'auth.login.failed': 'A sign-in with a wrong password, or to an account that cannot sign in',
  'auth.login.succeeded': 'A person signed in; the target is the session',
  'auth.logout': 'A person signed out',
  'auth.mail.given-up': 'A message could not be delivered and is not tried any more',
  'auth.organisation.imported': 'An operator brought an organisation in from an earlier installation',
  'auth.password.renewed': 'A password hash of an outdated form was made anew at a sign-in',
  'auth.person.imported': 'An operator brought a person in from an earlier installation',
  'auth.register.completed': 'A person signed up; the target is the organisation',
  'auth.register.refused': 'A link that opens nothing was used to sign up',
  'auth.register.requested': 'Somebody asked for a link to sign up',
  'auth.service-token.refused': 'A service asked for a token of its own that it may not have',
  'auth.session.ended': 'A person ended one of their sessions',
  'auth.session.replaced': 'A session ended because its browser signed in again',
  'auth.setup.completed': 'The first owner was set up',
  'auth.setup.refused': 'A setup with a wrong token',
  'auth.step-up.failed': 'Somebody signed in could not prove once more who they are',
  'auth.step-up.succeeded': 'A person proved once more who they are',
  'auth.subject.refused': 'A service showed a token or a delegation that is not good',
  'chat.session.deleted': 'A conversation was deleted',
  'connection.adopt': 'A version that a write had left in Vault was taken up before the next write',
  'connection.delete': 'A connection was deleted: nobody can use it any more',
  'connection.destroy': 'The values of a deleted connection were destroyed in Vault',
  'connection.write': 'The values of a connection were stored',
  'credential.read': 'A service read a person\'s credential; the target is the provider',
  'incident.acknowledge': 'A person acknowledged an incident',
  'incident.resolve': 'A person resolved an incident',
  'integration-secret.adopt': 'A version that a write had left in Vault was taken up before the next write',
  'integration-secret.delete': 'The secret of an integration was deleted: nobody can use it any more',
  'integration-secret.destroy': 'The values of a deleted secret were destroyed in Vault',
  'integration-secret.read': 'The secret of an integration was read to check a delivery',
  'integration-secret.write': 'The secret of an integration was stored',
  'integration.create': 'An integration was created',
  'integration.delete': 'An integration was deleted',
  'integration.rotate': 'An integration got a new secret',
  'service-secret.read': 'A service read its own secrets'
} as const

export type AuditAction = keyof typeof auditActions
