import { CircleStop, RotateCw } from 'lucide-react'
import { Button } from '../components/button.tsx'
import { Moment } from '../components/moment.tsx'
import type { ChatMessage } from './conversation.ts'
import { Formatted } from './formatted.tsx'
import styles from './message.module.css'

interface Props { message: ChatMessage, onAgain: () => void, onStop: () => void }

export function Message ({ message, onAgain, onStop }: Props) {
  const mine = message.role === 'person'
  return (
    <li className={`${styles.message} ${mine ? styles.mine : ''}`}>
      <p className={styles.who}>{mine ? 'You' : 'Aurora'} · <Moment at={message.at} /></p>
      <div className={styles.body}>
        {message.markdown ? <Formatted text={message.text} /> : <p className={styles.said}>{message.text}</p>}
        {message.status === 'streaming' && <p className={styles.writing}><span aria-hidden='true' /><span className='visually-hidden'>Aurora is writing</span></p>}
      </div>
      {message.status === 'streaming' && <Button small look='quiet' onClick={onStop}><CircleStop size={15} aria-hidden='true' />Stop</Button>}
      {message.status === 'sending' && <p className={styles.note}>Sending…</p>}
      {message.status === 'unsent' && <p className={styles.bad}>Not sent: {message.failure} <Button small look='quiet' onClick={onAgain}><RotateCw size={15} aria-hidden='true' />Send again</Button></p>}
      {message.status === 'stopped' && <p className={styles.note}>Stopped.</p>}
      {(message.status === 'failed' || message.status === 'interrupted') && <p className={styles.bad}>{message.failure ?? 'The answer broke off.'}</p>}
    </li>
  )
}
