import { useEffect, useState } from 'react'
import { Check, Clipboard, X } from 'lucide-react'
import { Button } from './button.tsx'
import styles from './copy.module.css'

type Outcome = 'idle' | 'copied' | 'refused'

/** Copies what the page already shows. Browsers may refuse: then it says so, and the text can be selected by hand. */
export function Copy ({ text, label, bare = false }: { text: string, label: string, bare?: boolean }) {
  const [outcome, setOutcome] = useState<Outcome>('idle')

  useEffect(() => {
    if (outcome === 'idle') return
    const timer = setTimeout(() => setOutcome('idle'), 2500)
    return () => clearTimeout(timer)
  }, [outcome])

  const copy = () => {
    navigator.clipboard.writeText(text).then(() => setOutcome('copied'), () => setOutcome('refused'))
  }
  const Icon = { idle: Clipboard, copied: Check, refused: X }[outcome]
  const word = { idle: 'Copy', copied: 'Copied', refused: 'Select it' }[outcome]
  return (
    <Button small look={bare ? 'quiet' : 'plain'} onClick={copy} aria-label={label} title={label} className={bare ? styles.bare : styles.copy}>
      <Icon size={15} aria-hidden='true' />{!bare && word}
      <span className='visually-hidden' aria-live='polite'>{outcome === 'idle' ? '' : word}</span>
    </Button>
  )
}

/** A value or a command to take elsewhere, exact to the byte. */
export function Snippet ({ text, label, secret = false }: { text: string, label: string, secret?: boolean }) {
  return (
    <figure className={styles.snippet}>
      <figcaption>{label}<Copy text={text} label={`Copy: ${label}`} /></figcaption>
      <pre className={secret ? styles.secret : undefined} tabIndex={0} aria-label={label}>{text}</pre>
    </figure>
  )
}
