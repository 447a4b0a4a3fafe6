import { Suspense, type ReactNode } from 'react'
import { BookOpen, Building2, Inbox, KeyRound, LogOut, Mail, MessagesSquare, Plug, ScrollText, UserRound, type LucideIcon } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { mailboxQuery } from '../api/mailbox.ts'
import { may, type Ability, type Session } from '../api/session.ts'
import { useSignOut } from '../sign-out.ts'
import { Boundary } from './boundary.tsx'
import { Button } from './button.tsx'
import { Logo } from './logo.tsx'
import { OrganisationSwitcher } from './organisation-switcher.tsx'
import { Loading } from './states.tsx'
import styles from './shell.module.css'

const places: ReadonlyArray<{ to: string, word: string, icon: LucideIcon, needs?: Ability }> = [
  { to: '/', word: 'Incidents', icon: Inbox },
  { to: '/chat', word: 'Chat', icon: MessagesSquare },
  { to: '/connections', word: 'Connections', icon: KeyRound },
  { to: '/integrations', word: 'Integrations', icon: Plug },
  { to: '/audit', word: 'Audit log', icon: ScrollText, needs: 'audit:read' }
]

/** What surrounds every page of a signed-in person: a column on a desk, two bars on a phone. */
export function Shell ({ session, children }: { session: Session, children: ReactNode }) {
  const [path] = useLocation()
  const mailbox = useQuery({ ...mailboxQuery, staleTime: Infinity }).data
  const { signOut, leaving } = useSignOut()
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href='#content'>Skip to content</a>
      <header className={styles.brand}>
        <Link href='/' aria-label='Aurora, incidents'><Logo /></Link>
        <OrganisationSwitcher session={session} />
      </header>
      <nav className={styles.places} aria-label='Main'>
        {places.filter(({ needs }) => needs === undefined || may(session, needs)).map(({ to, word, icon }) => <Place key={to} to={to} word={word} icon={icon} here={isHere(path, to)} />)}
      </nav>
      <div className={styles.rest}>
        {mailbox != null && <Place to='/mailbox' word='Mailbox' icon={Mail} here={path === '/mailbox'} />}
        <Place to='/organisation' word='Organisation' icon={Building2} here={path === '/organisation'} />
        <Place to='/account' word='Account' icon={UserRound} here={path === '/account'} />
        <a className={`${styles.place} ${styles.desk}`} href='/api/docs'><BookOpen size={18} aria-hidden='true' /><span>API reference</span></a>
        <Button look='quiet' className={styles.place} busy={leaving} onClick={() => signOut()}><LogOut size={18} aria-hidden='true' /><span>Sign out</span></Button>
      </div>
      <main id='content' tabIndex={-1} className={styles.content}>
        <Boundary key={path.split('/')[1]}>
          <Suspense fallback={<div className={styles.waiting}><Loading what='the page' /></div>}>{children}</Suspense>
        </Boundary>
      </main>
    </div>
  )
}

function Place ({ to, word, icon: Icon, here }: { to: string, word: string, icon: LucideIcon, here: boolean }) {
  return <Link href={to} className={styles.place} aria-current={here ? 'page' : undefined}><Icon size={18} aria-hidden='true' /><span>{word}</span></Link>
}

const isHere = (path: string, to: string) => to === '/' ? path === '/' || path.startsWith('/incidents') : path === to || path.startsWith(`${to}/`)
