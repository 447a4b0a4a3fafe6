/**
 * The interval in which the median of paired differences lies, by order statistics: it assumes nothing of how the times are spread, and one slow request
 * moves it by one rank only. (Conover, Practical Nonparametric Statistics, "confidence interval for a quantile"; the normal approximation of the binomial
 * ranks is exact enough from some fifty pairs on.)
 */
export function medianInterval (differences: number[], error: number): { low: number, middle: number, high: number } {
  const sorted = [...differences].sort((a, b) => a - b)
  const reach = quantileOfNormal(1 - error / 2) * Math.sqrt(sorted.length) / 2
  const at = (rank: number) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(rank)))] ?? NaN
  const centre = (sorted.length - 1) / 2
  return { low: at(Math.floor(centre - reach)), middle: (at(Math.floor(centre)) + at(Math.ceil(centre))) / 2, high: at(Math.ceil(centre + reach)) }
}

/** By bisection of the error function's series: called a few times a run, so what counts is that it can be read. */
function quantileOfNormal (probability: number): number {
  let [low, high] = [0, 10]
  while (high - low > 1e-9) {
    const middle = (low + high) / 2
    if (normal(middle) < probability) low = middle
    else high = middle
  }
  return low
}

/** P(Z <= z) for z >= 0: Abramowitz and Stegun, 26.2.11. */
function normal (z: number): number {
  let term = z
  let sum = z
  for (let k = 1; k < 400; k++) {
    term *= z * z / (2 * k + 1)
    sum += term
  }
  return 0.5 + sum * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI)
}
