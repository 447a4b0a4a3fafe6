import { DeletedOrganisations } from '../components/deleted-organisations.tsx'
import { InvitationList } from '../components/invitation-list.tsx'
import { MemberList } from '../components/member-list.tsx'
import { OrganisationEnd } from '../components/organisation-end.tsx'
import { OrganisationKeys } from '../components/organisation-keys.tsx'
import { OrganisationSettings } from '../components/organisation-settings.tsx'
import { Page } from '../components/page.tsx'
import { useMay, useSession } from '../api/session.ts'

/** Each card asks for what it shows, so one that cannot be had leaves the others. */
export function OrganisationPage () {
  const session = useSession()
  const mayInvite = useMay('member:write')
  const mayKeys = useMay('api-key:write')
  if (session === null) return null
  return (
    <Page title='Organisation'>
      <OrganisationSettings />
      <MemberList session={session} />
      {mayInvite && <InvitationList role={session.role} />}
      {mayKeys && <OrganisationKeys />}
      <DeletedOrganisations />
      <OrganisationEnd session={session} />
    </Page>
  )
}
