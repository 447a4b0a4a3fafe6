import { permissionsOf, roles, type Role } from '#shared/roles'
import type { PersonRoute } from './person-routes.ts'

/** docs/permissions.md: the table of shared/roles.ts, and what each public route asks of it. */
export function permissionsDocument (routes: PersonRoute[]): string {
  const holds = (role: Role, permission: string | null) => permission === null || permissionsOf(role).includes(permission)
  const marks = (permission: string | null) => roles.map(role => holds(role, permission) ? '✓' : '').join(' | ')
  const all = permissionsOf('owner')
  const sorted = routes.toSorted((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : a.method < b.method ? -1 : 1)
  return `# Who may do what

Made by \`npm run permissions\` from the one table in \`shared/roles.ts\` and from what the routes declare; a test compares it with both, and another asks every route as every role.

A person has one role in each of their organisations: owner, admin, responder or viewer. What a role may do, the roles above it may too. Nobody gives, takes or changes a role above their own, and an organisation always keeps an owner who can sign in.

## Permissions

| permission | ${roles.join(' | ')} |
|---|${roles.map(() => ':-:').join('|')}|
${all.map(permission => `| \`${permission}\` | ${marks(permission)} |`).join('\n')}

## Routes

A route without a permission is for everyone who is signed in, about what is theirs. *Proof*: the person must have proved within ten minutes that it is they.

| route | what it does | permission | proof | ${roles.join(' | ')} |
|---|---|---|:-:|${roles.map(() => ':-:').join('|')}|
${sorted.map(({ method, path, summary, permission, stepUp }) => `| \`${method} ${path}\` | ${summary} | ${permission === null ? '' : `\`${permission}\``} | ${stepUp ? '✓' : ''} | ${marks(permission)} |`).join('\n')}
`
}
