/** Vectors of one text, from a single forward pass of the model. */
export interface Embedding {
  /** 384 dimensions, unit length: cosine is the dot product. */
  sentence: Float32Array;
  /** The content words' token vectors, see `TokenVectors`. */
  tokens: TokenVectors;
}

/** Token vectors projected to 64 dimensions, unit length, int8 (value = round(127 × component)), row after row. */
export interface TokenVectors {
  /** The stem of the word that each row belongs to: idf is counted over these. A word of several word pieces has a row each. */
  stems: string[];
  /** `stems.length` × 64 values. */
  values: Int8Array;
}

/** The model could not be loaded or run; the message says from where, and what to do. */
export class EmbeddingError extends Error {
  override readonly name = 'EmbeddingError';
}

/** Whether somebody waits for it, or it may be done together with others like it once nobody does. */
export type Urgency = 'now' | 'when idle';

/** Turns text into vectors. Rejects with `EmbeddingError`, and only when the model cannot be loaded or run. */
export interface Embedder {
  /** Of several callers who want the same text, the first one's urgency counts. */
  embed(text: string, urgency?: Urgency): Promise<Embedding>;
  /** Word pieces in `text` as the model counts them; what token budgets are measured in. */
  countTokens(text: string): Promise<number>;
  /** `cold` until the first text, then `ready`; `failed` when the model could not be loaded. */
  state(): 'cold' | 'ready' | 'failed';
  /** Hits and misses of the cache by text. */
  cache(): { hits: number; misses: number };
}
