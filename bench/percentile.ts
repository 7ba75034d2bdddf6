/** The nearest-rank percentile, to a hundredth; NaN of nothing. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN) * 100) / 100;
}
