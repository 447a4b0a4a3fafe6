import type { ReactNode } from 'react'
import type { MadeApiKey } from '../api/api-keys.ts'
import { Button } from './button.tsx'
import { Snippet } from './copy.tsx'
import { Actions, Dialog } from './dialog.tsx'

/** The one time that the key is on a screen: Escape does not take it away, a button does. */
export function ApiKeyShown ({ made, onClose, children }: { made: MadeApiKey, onClose: () => void, children?: ReactNode }) {
  return (
    <Dialog title='Your new key' onClose={onClose} firm>
      <p>It is shown this once: Aurora keeps only a hash of it. {children}</p>
      <Snippet label='Key, shown once' text={made.key} secret />
      <Actions><Button look='primary' onClick={onClose}>I have stored the key</Button></Actions>
    </Dialog>
  )
}
