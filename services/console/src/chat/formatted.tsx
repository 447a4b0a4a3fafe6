import type { ReactNode } from 'react'
import styles from './formatted.module.css'

/**
 * Model output is untrusted text. It becomes React elements, never HTML: there is nothing to sanitise because nothing is
 * parsed as markup. Known are fences, `code`, **bold** and links; everything else stays as it was written.
 */
export function Formatted ({ text }: { text: string }) {
  return (
    <div className={styles.text}>
      {text.split(/^```/m).map((part, index) => index % 2 === 1
        ? <pre key={index} tabIndex={0}>{part.replace(/^[\w+-]*\n/, '').replace(/\n$/, '')}</pre>
        : <p key={index}>{inline(part.replace(/^\n|\n$/g, ''))}</p>)}
    </div>
  )
}

const marks = /(`[^`\n]+`|\*\*[^*\n]+\*\*|\[[^\]\n]+\]\(https:\/\/[^\s)]+\)|https:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:!?])/

function inline (text: string): ReactNode[] {
  return text.split(marks).map((part, index) => index % 2 === 0 ? part : mark(part, index))
}

function mark (part: string, key: number): ReactNode {
  if (part.startsWith('`')) return <code key={key}>{part.slice(1, -1)}</code>
  if (part.startsWith('**')) return <strong key={key}>{part.slice(2, -2)}</strong>
  const [, word, address = part] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? []
  const url = URL.parse(address)
  if (url === null || url.protocol !== 'https:') return part
  return <a key={key} href={url.href} target='_blank' rel='noopener noreferrer'>{word === undefined ? address : `${word} (${url.host})`}</a>
}
