type Prover = () => Promise<boolean>

let prover: Prover | null = null
let asking: Promise<boolean> | null = null

/** The dialog that asks a person to prove once more that it is they, while there is one on the page. */
export function setProver (next: Prover | null): void {
  prover = next
}

/** Asks, once for all calls that need it at this moment. False when nobody proved anything. */
export function proveAgain (): Promise<boolean> {
  asking ??= (prover?.() ?? Promise.resolve(false)).finally(() => { asking = null })
  return asking
}
