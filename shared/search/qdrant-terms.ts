import { bm25Share, hashStem, type TermColumns } from './bm25';
import type { IndexQuery } from './index';

/** Stems of a typical message. Candidates are found with it; their score is computed anew with the person's own average. */
const typicalLength = 12;
/** A packed stem: its hash and its count. */
const stemBytes = 4 + 1;

/** A memory's stems as the sparse vector that Qdrant multiplies with a query's stems and their idf. */
export function toSparse(terms: ReadonlyMap<string, number>) {
  const length = [...terms.values()].reduce((sum, count) => sum + count, 0);
  const shares = new Map<number, number>();
  for (const [stem, count] of terms) {
    const hash = hashStem(stem);
    shares.set(hash, (shares.get(hash) ?? 0) + bm25Share(1, count, length, typicalLength));
  }
  return { indices: [...shares.keys()], values: [...shares.values()] };
}

/** A query's stems as a sparse vector; those of its token vectors, which may be others, go along. */
export function toSparseQuery({ terms, embedding }: Pick<IndexQuery, 'terms' | 'embedding'>) {
  const weights = new Map(embedding.tokens.stems.map((stem) => [hashStem(stem), 1]));
  for (const [stem, count] of terms) weights.set(hashStem(stem), count);
  return { indices: [...weights.keys()], values: [...weights.values()] };
}

/**
 * A memory's stems as base64: BM25 is computed from them with the person's own statistics. In an array, the numbers of a
 * hundred candidates would take JSON's parser longer than all the rest of the reply.
 */
export function packStems(terms: ReadonlyMap<string, number>): string {
  const bytes = Buffer.alloc(terms.size * stemBytes);
  let at = 0;
  for (const [stem, count] of terms) {
    at = bytes.writeUInt32LE(hashStem(stem), at);
    at = bytes.writeUInt8(Math.min(count, 255), at);
  }
  return bytes.toString('base64');
}

/** The packed stems of many memories as BM25 takes them. */
export function unpackStems(packed: readonly string[]): TermColumns {
  const memories = packed.map((stems) => Buffer.from(stems, 'base64'));
  const termStarts = new Uint32Array(memories.length + 1);
  for (const [i, { length }] of memories.entries()) termStarts[i + 1] = (termStarts[i] ?? 0) + length / stemBytes;
  const bytes = Buffer.concat(memories);
  const terms = new Uint32Array(bytes.length / stemBytes);
  const termCounts = new Uint8Array(terms.length);
  for (let i = 0; i < terms.length; i++) {
    terms[i] = bytes.readUInt32LE(i * stemBytes);
    termCounts[i] = bytes.readUInt8(i * stemBytes + 4);
  }
  return { terms, termCounts, termStarts };
}
