const names: Record<string, string> = { pagerduty: 'PagerDuty', alertmanager: 'Alertmanager', grafana: 'Grafana' }

/** A source as its makers write it. */
export const sourceName = (source: string): string => names[source] ?? source
