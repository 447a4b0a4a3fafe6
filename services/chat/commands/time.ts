/** `2026-01-31 09:05:07 UTC`: one zone for everybody who reads the same conversation. */
export function timeOf (timestamp: string): string {
  const at = new Date(timestamp)
  return Number.isNaN(at.getTime()) ? timestamp : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
