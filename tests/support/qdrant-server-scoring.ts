/** Scores as Qdrant computes them, one vector kind each. */

export interface SparseVector {
  indices: number[];
  values: number[];
}

/** Dot product with what was stored at unit length. */
export function cosine(query: number[], stored: Float32Array): number {
  return dot(query, stored) / (Math.hypot(...query) || 1);
}

export function toUnitLength(vector: number[]): number[] {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** Each row of the query with the row of the other that suits it best. */
export function maxSim(query: number[][], stored: Float32Array[]): number {
  return query.reduce((sum, row) => sum + stored.reduce((max, other) => Math.max(max, dot(row, other)), -Infinity), 0);
}

/** Null where the vectors share no index: such a point is not found at all. */
export function sparseDot(query: SparseVector, stored: SparseVector, idf: (index: number) => number): number | null {
  let score: number | null = null;
  for (const [i, index] of query.indices.entries()) {
    const at = stored.indices.indexOf(index);
    if (at >= 0) score = (score ?? 0) + (query.values[i] ?? 0) * (stored.values[at] ?? 0) * idf(index);
  }
  return score;
}

/** What the modifier `idf` multiplies with, over all points of the collection. */
export const inverseDocumentFrequency = (points: number, having: number) =>
  Math.log(1 + (points - having + 0.5) / (having + 0.5));

/** The nearest number that a float of 16 bits holds: 11 significant bits. */
export function toHalf(value: number): number {
  if (value === 0) return 0;
  const step = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value)))) - 10);
  return Math.round(value / step) * step;
}

function dot(a: number[], b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
