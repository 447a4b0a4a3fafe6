import { useEffect, useState } from 'react'
import { SendHorizontal } from 'lucide-react'
import { Button } from '../components/button.tsx'
import styles from './composer.module.css'

interface Props { draft: string, onDraft: (text: string) => void, onSend: (text: string) => void, waitUntil: number | null, disabled: boolean }

/** Enter sends, Shift+Enter breaks the line. While limited it counts down and keeps what is typed. */
export function Composer ({ draft, onDraft, onSend, waitUntil, disabled }: Props) {
  const seconds = useCountdown(waitUntil)
  const blocked = disabled || seconds > 0 || draft.trim() === ''
  const send = () => { if (!blocked) onSend(draft.trim()) }
  return (
    <form className={styles.composer} onSubmit={event => { event.preventDefault(); send() }}>
      {seconds > 0 && <p className={styles.limited} role='status'>Five messages a minute. You can send the next one in <b>{seconds} s</b>.</p>}
      <div className={styles.line}>
        <textarea
          aria-label='Message' placeholder='Ask, or type /help' rows={1} value={draft} maxLength={16_000} enterKeyHint='send' autoFocus
          onChange={event => onDraft(event.target.value)}
          onKeyDown={event => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
            event.preventDefault()
            send()
          }}
        />
        <Button type='submit' look='primary' disabled={blocked} aria-label='Send'><SendHorizontal size={18} aria-hidden='true' /></Button>
      </div>
    </form>
  )
}

function useCountdown (until: number | null): number {
  const [now, setNow] = useState(Date.now)
  const running = until !== null && until > now
  useEffect(() => {
    setNow(Date.now())
    if (until === null) return
    const timer = setInterval(() => {
      setNow(Date.now())
      if (Date.now() >= until) clearInterval(timer)
    }, 250)
    return () => clearInterval(timer)
  }, [until])
  return running ? Math.ceil((until - now) / 1000) : 0
}
