import type { Mutation } from './mutation.ts'

const conversation: Pick<Mutation, 'file' | 'tests' | 'alone'> = { file: 'services/console/src/chat/conversation.ts', tests: ['services/console/test/conversation.test.ts'], alone: true }

export const theConsole: Mutation[] = [
  {
    guard: 'console: a one-time token leaves the address bar',
    file: 'services/console/src/fragment.ts',
    find: "if (fragment.has('token')) history.replaceState(null, '', location.pathname)",
    replace: '',
    tests: ['services/console/test/console.test.ts']
  },
  {
    guard: 'console: a viewer gets no button that would be refused',
    file: 'services/console/src/api/session.ts',
    find: '=> session.permissions.includes(ability)',
    replace: '=> session.permissions.includes(ability) || true',
    tests: ['services/console/test/console.test.ts']
  },
  {
    guard: 'console: of two values of one name none is lost',
    file: 'services/console/src/components/pair-fields.tsx',
    find: "input.value !== '' && names.slice",
    replace: 'false && names.slice',
    tests: ['services/console/test/connections.test.ts']
  },
  {
    guard: 'console: the audit log is shown to those who may read it',
    file: 'services/console/src/pages/audit.tsx',
    find: 'if (may) return <Log />',
    replace: 'if (may !== null) return <Log />',
    tests: ['services/console/test/audit.test.ts']
  },
  {
    guard: 'console: the menu has the audit log for those who may read it',
    file: 'services/console/src/components/shell.tsx',
    find: 'needs === undefined || may(session, needs)',
    replace: 'needs === undefined || may(session, needs) || true',
    tests: ['services/console/test/audit.test.ts']
  },
  {
    guard: 'console: what a command quotes from strangers is no Markdown',
    find: "markdown: !question.startsWith('/')",
    replace: 'markdown: true',
    ...conversation
  },
  {
    guard: 'console: a part of an answer that comes twice is shown once',
    find: 'action.seq > message.seq ?',
    replace: 'action.seq > 0 ?',
    ...conversation
  },
  {
    guard: 'openapi: routes for other services stay unpublished',
    file: 'scripts/openapi/public-routes.ts',
    find: String.raw` && /^\/(api|hooks)\//.test(url)`,
    replace: '',
    tests: ['scripts/openapi/test/openapi.test.ts']
  },
  { guard: 'a password is masked as it is typed', file: 'services/console/src/components/new-password-field.tsx', find: " type='password'", replace: " type='text'", tests: ['services/console/test/password-fields.test.ts'], alone: true }
]
