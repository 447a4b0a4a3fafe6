import { useState } from 'react'
import { Plug, Plus } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import { integrationsQuery } from '../api/integrations.ts'
import { useMay } from '../api/session.ts'
import { Button } from '../components/button.tsx'
import { Card } from '../components/card.tsx'
import { IntegrationItem } from '../components/integration-item.tsx'
import { NewIntegrationDialog } from '../components/new-integration.tsx'
import { Page } from '../components/page.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'

export function Integrations () {
  const may = useMay('integration:write')
  const [creating, setCreating] = useState(false)
  const { data, error, refetch } = useQuery(integrationsQuery)
  const create = <Button look='primary' onClick={() => setCreating(true)}><Plus size={16} aria-hidden='true' />Create an integration</Button>
  return (
    <Page title='Integrations' aside={may && data !== undefined && data.integrations.length > 0 ? create : undefined}>
      {data === undefined && (error === null ? <Loading what='integrations' rows={3} /> : <Failure error={error} retry={() => { refetch() }} />)}
      {data?.integrations.length === 0 && (
        <Empty icon={Plug} title='No integration yet'>
          <p>An integration gives a monitoring tool an address to send its alerts to, and a secret that proves they are its own.</p>
          {may ? create : <p>An administrator of your organisation can create one.</p>}
        </Empty>
      )}
      {data !== undefined && data.integrations.length > 0 && (
        <Card flush><ul>{data.integrations.map(integration => <IntegrationItem key={integration.id} integration={integration} may={may} />)}</ul></Card>
      )}
      {creating && <NewIntegrationDialog onClose={() => setCreating(false)} />}
    </Page>
  )
}
