import { lazy, Suspense, type ComponentType } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import { sessionQuery } from './api/session.ts'
import { Boundary } from './components/boundary.tsx'
import { Shell } from './components/shell.tsx'
import { StepUp } from './components/step-up.tsx'
import { Failure } from './components/states.tsx'
import { Waiting } from './components/waiting.tsx'
import { LiveProvider } from './live/provider.tsx'
import { Login } from './pages/login.tsx'
import { NotFound } from './pages/not-found.tsx'
import { useOtherTabs } from './tabs.ts'

/** A page that is fetched when it is first opened: signing in needs none of them. */
const page = <Name extends string>(name: Name, load: () => Promise<Record<Name, ComponentType>>) =>
  lazy(async () => ({ default: (await load())[name] }))

const Setup = page('Setup', () => import('./pages/setup.tsx'))
const Register = page('Register', () => import('./pages/register.tsx'))
const CompleteRegistration = page('CompleteRegistration', () => import('./pages/complete-registration.tsx'))
const Recovery = page('Recovery', () => import('./pages/recovery.tsx'))
const InvitationPage = page('InvitationPage', () => import('./pages/invitation.tsx'))
const Incidents = page('Incidents', () => import('./pages/incidents.tsx'))
const IncidentPage = page('IncidentPage', () => import('./pages/incident.tsx'))
const Chat = page('Chat', () => import('./pages/chat.tsx'))
const Connections = page('Connections', () => import('./pages/connections.tsx'))
const Audit = page('Audit', () => import('./pages/audit.tsx'))
const Integrations = page('Integrations', () => import('./pages/integrations.tsx'))
const OrganisationPage = page('OrganisationPage', () => import('./pages/organisation.tsx'))
const AccountPage = page('AccountPage', () => import('./pages/account.tsx'))
const RestoreAccount = page('RestoreAccount', () => import('./pages/restore-account.tsx'))
const EmailChange = page('EmailChange', () => import('./pages/email-change.tsx'))
const Mailbox = page('Mailbox', () => import('./pages/mailbox.tsx'))

export function App () {
  useOtherTabs()
  return (
    <Boundary>
      <Suspense fallback={<Waiting />}>
        <Switch>
          <Route path='/setup' component={Setup} />
          <Route path='/register' component={Register} />
          <Route path='/register/complete' component={CompleteRegistration} />
          <Route path='/login' component={Login} />
          <Route path='/recovery' component={Recovery} />
          <Route path='/invitation' component={InvitationPage} />
          <Route path='/account/restore' component={RestoreAccount} />
          <Route component={SignedIn} />
        </Switch>
      </Suspense>
    </Boundary>
  )
}

function SignedIn () {
  const { data: session, error, refetch } = useQuery(sessionQuery)
  const [path] = useLocation()
  if (session === undefined) return error === null ? <Waiting /> : <Failure error={error} retry={() => { refetch() }} />
  // Nothing else answers before a second factor is added.
  if (session?.mustEnrol === true && path !== '/account') return <Redirect to='/account' replace />
  if (session === null) return <Redirect to={path === '/' ? '/login' : `/login?next=${encodeURIComponent(path)}`} replace />
  return (
    <LiveProvider>
      <Shell session={session}>
        <Switch>
          <Route path='/' component={Incidents} />
          <Route path='/incidents/:number' component={IncidentPage} />
          <Route path='/chat/:id?' component={Chat} />
          <Route path='/connections' component={Connections} />
          <Route path='/integrations' component={Integrations} />
          <Route path='/audit' component={Audit} />
          <Route path='/organisation' component={OrganisationPage} />
          <Route path='/account' component={AccountPage} />
          <Route path='/email' component={EmailChange} />
          <Route path='/mailbox' component={Mailbox} />
          <Route component={NotFound} />
        </Switch>
      </Shell>
      <StepUp />
    </LiveProvider>
  )
}
