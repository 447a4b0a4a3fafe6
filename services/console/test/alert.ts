/** An Alertmanager delivery with one firing alert. */
export function alertOf (summary: string, severity: string, labels: Record<string, string> = {}): string {
  const named = { alertname: summary, severity, ...labels }
  return JSON.stringify({
    version: '4',
    groupKey: `{}:{alertname=${JSON.stringify(summary)}}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'aurora',
    groupLabels: { alertname: summary },
    commonLabels: named,
    commonAnnotations: { summary },
    externalURL: 'http://alertmanager.example:9093',
    alerts: [{
      status: 'firing',
      labels: named,
      annotations: { summary },
      startsAt: new Date().toISOString(),
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'javascript:alert(1)',
      fingerprint: Buffer.from(summary).toString('hex').slice(0, 16)
    }]
  })
}
