import { Radio, RefreshCw, WifiOff } from 'lucide-react'
import { useLive } from './provider.tsx'
import styles from './indicator.module.css'

const words = {
  live: { icon: Radio, word: 'Live', title: 'Changes appear by themselves' },
  connecting: { icon: RefreshCw, word: 'Connecting', title: 'The list may be behind until the connection is back' },
  offline: { icon: WifiOff, word: 'Offline', title: 'This device has no network: what you see may be old' }
} as const

export function LiveIndicator () {
  const state = useLive()
  const { icon: Icon, word, title } = words[state]
  return <span role='status' className={`${styles.live} ${styles[state === 'live' ? 'on' : state]}`} title={title}><Icon size={14} aria-hidden='true' />{word}</span>
}
