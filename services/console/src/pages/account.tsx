import { useSearchParams } from 'wouter'
import { refusalInWords } from '../api/providers.ts'
import { useSession } from '../api/session.ts'
import { ApiKeysCard } from '../components/api-keys-card.tsx'
import { EmailCard } from '../components/email-card.tsx'
import { FactorsCard } from '../components/factors-card.tsx'
import { IdentitiesCard } from '../components/identities-card.tsx'
import { Page } from '../components/page.tsx'
import { PasswordCard } from '../components/password-card.tsx'
import { SessionsCard } from '../components/sessions-card.tsx'
import { YourDataCard } from '../components/your-data-card.tsx'

/** Each card asks for what it shows, so one that cannot be had leaves the others. */
export function AccountPage () {
  const [search] = useSearchParams()
  const session = useSession()
  if (session === null) return null
  // Nothing else answers until there is one.
  if (session.mustEnrol) return <Page title='Your account'><FactorsCard /></Page>
  return (
    <Page title='Your account' aside={`${session.person.name}, ${session.person.email}`}>
      <EmailCard />
      <PasswordCard />
      <FactorsCard />
      <IdentitiesCard refusal={refusalInWords(search.get('refused'))} />
      <SessionsCard />
      <ApiKeysCard />
      <YourDataCard email={session.person.email} />
    </Page>
  )
}
