/** Runs one call per key at a time: who comes while it runs gets the same answer or the same error. Nothing is kept afterwards. */
export function singleFlight<T> (): (key: string, run: () => Promise<T>) => Promise<T> {
  const flying = new Map<string, Promise<T>>()
  return (key, run) => {
    const known = flying.get(key)
    if (known !== undefined) return known
    const flight = run().finally(() => flying.delete(key))
    flying.set(key, flight)
    return flight
  }
}
