import type { Metrics } from '#shared/metrics'
import { Gauge } from 'prom-client'

/** What this process holds open just now. */
export function countOpen (metrics: Metrics, open: { sockets: () => number, answers: () => number }): void {
  const registers = [metrics.registry]
  /* eslint-disable no-new */
  new Gauge({ name: 'aurora_chat_sockets', help: 'Open sockets', registers, collect () { this.set(open.sockets()) } })
  new Gauge({ name: 'aurora_chat_answers', help: 'Answers that are being written', registers, collect () { this.set(open.answers()) } })
}
