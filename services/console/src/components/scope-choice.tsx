import styles from './scope-choice.module.css'

const words: Record<string, string> = { incident: 'Incidents', integration: 'Integrations', chat: 'Chat', connection: 'Connections' }

/** What a key may do, by what it does it to. */
export function ScopeChoice ({ scopes, chosen, onChange }: { scopes: string[], chosen: string[], onChange: (chosen: string[]) => void }) {
  const groups = [...Map.groupBy(scopes, scope => scope.split(':')[0] ?? '')]
  const toggle = (scope: string, on: boolean) => onChange(on ? [...chosen, scope] : chosen.filter(each => each !== scope))
  return (
    <fieldset className={styles.choice}>
      <legend>May</legend>
      {groups.map(([resource, group]) => (
        <div key={resource} className={styles.group} role='group' aria-label={words[resource] ?? resource}>
          <span>{words[resource] ?? resource}</span>
          {group.map(scope => (
            <label key={scope}>
              <input type='checkbox' checked={chosen.includes(scope)} onChange={event => toggle(scope, event.target.checked)} aria-label={scope} />
              {scope.split(':').slice(1).join(' ')}
            </label>
          ))}
        </div>
      ))}
    </fieldset>
  )
}
