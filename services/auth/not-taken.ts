/** It was not taken. `permanent`: by a server that says it will not take it tomorrow either. Names no address and quotes no server: both stand in logs. */
export class NotTaken extends Error {
  readonly permanent: boolean
  constructor (message: string, permanent = false) {
    super(message)
    this.name = 'NotTaken'
    this.permanent = permanent
  }
}
