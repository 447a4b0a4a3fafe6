import { BellRing } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import { integrationsQuery } from '../api/integrations.ts'
import { useMay } from '../api/session.ts'
import { ButtonLink } from './button.tsx'
import { Empty } from './states.tsx'

/** The list before the first incident: what to do next, by how far the organisation has come. */
export function FirstAlert () {
  const may = useMay('integration:write')
  const integrations = useQuery(integrationsQuery).data?.integrations
  if (integrations !== undefined && integrations.length > 0) {
    return (
      <Empty icon={BellRing} title='Waiting for the first alert'>
        <p>{integrations.length === 1 ? 'One integration is' : `${integrations.length} integrations are`} ready. The first alert that fires appears here by itself, within a second.</p>
        <ButtonLink to='/integrations'>Send a test alert</ButtonLink>
      </Empty>
    )
  }
  return (
    <Empty icon={BellRing} title='No incidents yet'>
      <p>Alerts from PagerDuty, Alertmanager and Grafana become incidents here. It takes an integration: a name, a hook address, and a secret to paste.</p>
      {may ? <ButtonLink to='/integrations' look='primary'>Create an integration</ButtonLink> : <p>An administrator of your organisation can create one.</p>}
    </Empty>
  )
}
