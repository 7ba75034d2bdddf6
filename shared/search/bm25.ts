/** How fast a repeated word stops counting, and how much a long memory is held against it. Robertson and Zaragoza, 2009. */
const k1 = 1.2;
const b = 0.75;

/** How much it says that a memory has this stem, when `having` of `documents` memories have it. Always above 0. */
export function inverseFrequency(documents: number, having: number): number {
  return Math.log(1 + (documents - having + 0.5) / (having + 0.5));
}

/** One stem's share of a memory's BM25: it stands there `count` times among `length` stems, `averageLength` over the person's memories. */
export function bm25Share(idf: number, count: number, length: number, averageLength: number): number {
  return (idf * count * (k1 + 1)) / (count + k1 * (1 - b + (b * length) / averageLength));
}

/** A stem as a number of 32 bits (FNV-1a), so that no index has to keep a vocabulary. Of 10,000 stems about one pair collides in 100 persons. */
export function hashStem(stem: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < stem.length; i++) hash = Math.imul(hash ^ stem.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Terms of many memories, laid end to end: those of memory m are `termStarts[m]` to `termStarts[m + 1]`. */
export interface TermColumns {
  terms: Uint32Array;
  termCounts: Uint8Array;
  termStarts: Uint32Array;
}

/** How a query's stems lie in a person's memories. */
export interface TermMatches {
  /** BM25 of each memory. */
  scores: Float64Array;
  /** How much a stem says among these memories. One that none of them has can be met by its likes only, and says half of what it would. */
  idf(stem: string): number;
}

/** Scores every memory by BM25 with the person's own frequencies and lengths. `stems` may hold more than the terms, to ask their idf. */
export function matchTerms(
  query: ReadonlyMap<string, number>,
  stems: Iterable<string>,
  columns: TermColumns,
): TermMatches {
  const { terms, termCounts, termStarts } = columns;
  const documents = termStarts.length - 1;
  const having = new Map<number, number>();
  for (const stem of [...query.keys(), ...stems]) having.set(hashStem(stem), 0);
  // Most terms of most memories are not asked for: a look at twelve of their bits says so faster than the map.
  const mayBeAsked = new Uint8Array(4096);
  for (const term of having.keys()) mayBeAsked[term & 4095] = 1;
  const wanted = new Map(Array.from(query, ([stem, weight]) => [hashStem(stem), weight]));

  const lengths = new Uint32Array(documents);
  const hits: { memory: number; term: number; count: number }[] = [];
  for (let memory = 0; memory < documents; memory++) {
    for (let i = termStarts[memory] ?? 0; i < (termStarts[memory + 1] ?? 0); i++) {
      const term = terms[i] ?? 0;
      const count = termCounts[i] ?? 0;
      lengths[memory] = (lengths[memory] ?? 0) + count;
      const known = mayBeAsked[term & 4095] ? having.get(term) : undefined;
      if (known === undefined) continue;
      having.set(term, known + 1);
      hits.push({ memory, term, count });
    }
  }
  const averageLength = lengths.reduce((sum, length) => sum + length, 0) / documents || 1;
  const idfOf = (term: number) => inverseFrequency(documents, having.get(term) ?? 0);
  const scores = new Float64Array(documents);
  for (const { memory, term, count } of hits) {
    const weight = wanted.get(term) ?? 0;
    scores[memory] =
      (scores[memory] ?? 0) + weight * bm25Share(idfOf(term), count, lengths[memory] ?? 0, averageLength);
  }
  const idf = (stem: string) => {
    const term = hashStem(stem);
    return having.get(term) ? idfOf(term) : idfOf(term) / 2;
  };
  return { scores, idf };
}
