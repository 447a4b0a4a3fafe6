import { Component, type ErrorInfo, type ReactNode } from 'react'
import { Failure } from './states.tsx'

/** React offers error boundaries as classes only. A page that breaks leaves the rest of the console standing. */
export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown }

  static getDerivedStateFromError (error: unknown) {
    return { error }
  }

  override componentDidCatch (error: unknown, info: ErrorInfo) {
    console.error(error, info.componentStack)
  }

  override render () {
    if (this.state.error === null) return this.props.children
    return <Failure error={this.state.error} retry={() => location.reload()} />
  }
}
