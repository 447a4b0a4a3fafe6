import { Compass } from 'lucide-react'
import { ButtonLink } from '../components/button.tsx'
import { useTitle } from '../components/page.tsx'
import { Empty } from '../components/states.tsx'

export function NotFound () {
  useTitle('Not found')
  return (
    <Empty icon={Compass} title='There is nothing at this address'>
      <p>It may have been removed, or it belongs to another organisation.</p>
      <ButtonLink to='/'>Go to incidents</ButtonLink>
    </Empty>
  )
}
