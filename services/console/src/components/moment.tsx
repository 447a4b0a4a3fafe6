import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

/** One clock for all the times on a page, and none when there are none. */
function subscribe (listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => { now = Date.now(); listeners.forEach(each => each()) }, 15_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const steps = [['day', 86_400], ['hour', 3600], ['minute', 60]] as const

export function relativeTime (at: Date, reference: number): string {
  const seconds = Math.round((at.getTime() - reference) / 1000)
  if (Math.abs(seconds) < 45) return 'just now'
  if (Math.abs(seconds) > 30 * 86_400) return day.format(at)
  for (const [unit, size] of steps) if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit)
  return relative.format(Math.sign(seconds), 'minute')
}

/** Relative, in the person's zone; the exact moment in the title. */
export function Moment ({ at }: { at: string }) {
  const reference = useSyncExternalStore(subscribe, () => now)
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return <span>unknown</span>
  return <time dateTime={date.toISOString()} title={exact.format(date)}>{relativeTime(date, Math.max(reference, Date.now() - 60_000))}</time>
}
