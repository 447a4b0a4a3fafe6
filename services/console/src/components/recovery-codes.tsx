import { Button } from './button.tsx'
import { Snippet } from './copy.tsx'
import { Actions, Dialog } from './dialog.tsx'

/** The one time that they are on a screen: Escape does not take them away, a button does. */
export function RecoveryCodes ({ codes, onClose }: { codes: string[], onClose: () => void }) {
  return (
    <Dialog title='Your recovery codes' onClose={onClose} firm>
      <p>Each of these signs you in once when your second factor is not at hand. Print them, or keep them where you keep passwords. They are shown this once.</p>
      <Snippet label='Recovery codes' text={codes.join('\n')} secret />
      <Actions><Button look='primary' onClick={onClose}>I have stored them</Button></Actions>
    </Dialog>
  )
}
