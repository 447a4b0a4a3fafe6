import { useState } from 'react'
import { rolesUpTo, type Role } from '../api/session.ts'
import { Field } from './field.tsx'

const about: Record<Role, string> = {
  owner: 'May do everything, deleting the organisation too.',
  admin: 'Looks after people, integrations, settings and the audit log as well.',
  responder: 'Works on incidents and stores credentials of their own.',
  viewer: 'Sees incidents and asks in chat.'
}

export function RoleField ({ upTo, value }: { upTo: Role, value: Role }) {
  const [role, setRole] = useState(value)
  return (
    <Field label='Role' name='role' hint={about[role]}>
      {control => (
        <select {...control} value={role} onChange={event => setRole(event.target.value as Role)}>
          {rolesUpTo(upTo).map(role => <option key={role} value={role}>{role}</option>)}
        </select>
      )}
    </Field>
  )
}
