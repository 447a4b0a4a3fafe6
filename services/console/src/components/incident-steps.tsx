import { CircleCheck, Eye } from 'lucide-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { incidentQuery, takeStep, type Incident, type Step } from '../api/incidents.ts'
import { useMay } from '../api/session.ts'
import { Button } from './button.tsx'
import { Refusal } from './states.tsx'
import styles from './incident-steps.module.css'

/** What the person may do next. A viewer sees nothing here; the service would refuse it anyway. */
export function IncidentSteps ({ incident }: { incident: Incident }) {
  const queries = useQueryClient()
  const may = useMay('incident:write')
  const step = useMutation({
    mutationFn: (name: Step) => takeStep(incident.number, name),
    // refused means somebody was quicker, as a rule: show how it stands
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: incidentQuery(incident.number).queryKey })
      queries.invalidateQueries({ queryKey: ['incidents'] })
    }
  })
  if (!may) return null
  const busy = (name: Step) => step.isPending && step.variables === name
  const open = incident.status === 'triggered' || incident.status === 'acknowledged' || incident.status === 'mitigated'
  return (
    <>
      {incident.status === 'triggered' &&
        <Button busy={busy('acknowledge')} disabled={busy('resolve')} look='primary' onClick={() => step.mutate('acknowledge')}><Eye size={16} aria-hidden='true' />Acknowledge</Button>}
      {open &&
        <Button busy={busy('resolve')} disabled={busy('acknowledge')} onClick={() => step.mutate('resolve')}><CircleCheck size={16} aria-hidden='true' />Resolve</Button>}
      {step.isError && <div className={styles.refusal}><Refusal error={step.error} /></div>}
    </>
  )
}
