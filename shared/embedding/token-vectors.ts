import type { TokenVectors } from './embedder';

/** The model's hidden size, and what late interaction keeps of it. */
const hiddenSize = 384;
const projectedSize = 64;

/** Where a word piece of the text is read from: its position in the model's input and the stem of its word. */
export interface ContentPiece {
  position: number;
  stem: string;
}

/** The mean of all `count` vectors, at unit length. `hidden` holds `count` × 384 values, row after row. */
export function toSentenceVector(hidden: Float32Array, count: number): Float32Array {
  const sum = new Float32Array(hiddenSize);
  for (let row = 0; row < count; row++) {
    const start = row * hiddenSize;
    for (let i = 0; i < hiddenSize; i++) sum[i] = (sum[i] ?? 0) + (hidden[start + i] ?? 0);
  }
  let squares = 0;
  for (const value of sum) squares += value * value;
  const scale = 1 / Math.sqrt(squares || 1);
  for (let i = 0; i < hiddenSize; i++) sum[i] = (sum[i] ?? 0) * scale;
  return sum;
}

/** The rows of `pieces`, times the transpose of `projection` (64 × 384), at unit length, as int8. */
export function toTokenVectors(hidden: Float32Array, pieces: ContentPiece[], projection: Float64Array): TokenVectors {
  const values = new Int8Array(pieces.length * projectedSize);
  const projected = new Float64Array(projectedSize);
  const vector = new Float64Array(hiddenSize);
  pieces.forEach(({ position }, row) => {
    vector.set(hidden.subarray(position * hiddenSize, (position + 1) * hiddenSize));
    for (let direction = 0; direction < projectedSize; direction += 4)
      multiplyFour(vector, projection, direction, projected);
    let squares = 0;
    for (const value of projected) squares += value * value;
    const scale = 127 / Math.sqrt(squares || 1);
    for (let i = 0; i < projectedSize; i++) values[row * projectedSize + i] = Math.round((projected[i] ?? 0) * scale);
  });
  return { stems: pieces.map(({ stem }) => stem), values };
}

/**
 * Writes the products of a vector with four rows of a matrix, from `row` on. Four sums at once: a single one would make every addition wait
 * for the last; of four rows, so that the vector is read once for all of them. Doubles, for JavaScript would make one of every float it reads.
 */
function multiplyFour(vector: Float64Array, matrix: Float64Array, row: number, products: Float64Array): void {
  let [a, b, c, d] = [0, 0, 0, 0];
  const start = row * hiddenSize;
  for (let i = 0; i < hiddenSize; i++) {
    const value = vector[i] as number;
    a += value * (matrix[start + i] as number);
    b += value * (matrix[start + hiddenSize + i] as number);
    c += value * (matrix[start + 2 * hiddenSize + i] as number);
    d += value * (matrix[start + 3 * hiddenSize + i] as number);
  }
  products[row] = a;
  products[row + 1] = b;
  products[row + 2] = c;
  products[row + 3] = d;
}
