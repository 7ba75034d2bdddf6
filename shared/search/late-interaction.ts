import type { DotKernel } from './dot-kernel';

/** Dimensions of a token vector. */
export const tokenDimensions = 64;
/** An int8 vector's length squared: both sides of a dot product are 127 × a unit vector. */
const unit = 127 * 127;

/**
 * Late interaction of a query with memories: Σ over the query's tokens of weight × the best cosine in the memory, divided by
 * Σ weight; −1 to 1, and 0 for a memory without tokens. Khattab and Zaharia, ColBERT, 2020, with idf for weights.
 *
 * `rows` holds the token vectors of all memories row after row; those of memory m are rows `starts[m]` to `starts[m + 1]`.
 */
export function lateInteraction(
  kernel: DotKernel,
  query: Int8Array,
  weights: readonly number[],
  rows: Int8Array,
  starts: Uint32Array,
): Float64Array {
  const scores = new Float64Array(starts.length - 1);
  const total = weights.reduce((sum, weight) => sum + weight, 0) * unit;
  kernel.load(rows);
  for (const [token, weight] of weights.entries()) {
    kernel.aim(query.subarray(token * tokenDimensions, (token + 1) * tokenDimensions));
    for (let memory = 0; memory < scores.length; memory++) {
      const from = starts[memory] ?? 0;
      const to = starts[memory + 1] ?? 0;
      if (from < to) scores[memory] = (scores[memory] ?? 0) + (weight * kernel.best(from, to)) / total;
    }
  }
  return scores;
}
