import type { CircuitName } from '../resilience/policy';
import type { Embedding } from '../embedding/embedder';
import type { Memory, Metadata } from '../memory/memory';
import type { RankedMemory } from './ranking';

/** A memory with all that search needs of it, computed once when it is written. */
export interface IndexPoint {
  memory: Memory;
  embedding: Embedding;
  /** Stem → how often it stands in the text, stop words left out: BM25's raw material. */
  terms: Map<string, number>;
  /** True until the provider's own memories take this point's place; see the read-your-own-write contract. */
  provisional: boolean;
  /** Of the memory as the provider has it, see content-hash.ts. */
  hash: string;
}

/** What sync compares with the provider. */
export type PointMark = Pick<IndexPoint, 'hash' | 'provisional'>;

/** Narrows what is searched. Everything is applied before ranking; all that are given must hold. */
export interface SearchFilter {
  types?: string[];
  topics?: string[];
  /** Every one of these tags. */
  tags?: string[];
  /** Every one of these top-level keys with an equal JSON value. */
  metadata?: Metadata;
  sessionId?: string;
  /** Who said it; null for memories that name nobody. */
  speaker?: string | null;
  /** The newer memory that contradicts it; null for memories that are current. */
  supersededBy?: string | null;
  /** Bounds of `createdAt`, inclusive. */
  since?: Date;
  until?: Date;
}

/** A query with its vectors. */
export interface IndexQuery {
  userId: string;
  text: string;
  embedding: Embedding;
  terms: Map<string, number>;
  topic: string | null;
  filter: SearchFilter;
  limit: number;
  now: Date;
}

export class IndexError extends Error {
  override readonly name = 'IndexError';
  constructor(
    readonly index: string,
    readonly code: 'timeout' | 'unavailable' | 'refused',
    options?: { cause?: unknown },
  ) {
    super(`${index}: ${code}`, options);
  }
}

/**
 * A disposable replica of the provider, made for searching. Every method names the person, so no query runs without the tenant
 * filter. All reject with `IndexError` when the index cannot be reached.
 */
export interface SearchIndex {
  readonly name: 'embedded' | 'qdrant';
  upsert(userId: string, points: IndexPoint[], signal: AbortSignal): Promise<void>;
  /** Points of several people, by their memories' own; all or none of them. Only where that costs less than one person after the other. */
  upsertAll?(points: IndexPoint[], signal: AbortSignal): Promise<void>;
  remove(userId: string, ids: string[], signal: AbortSignal): Promise<void>;
  /** Every point of a person, and what is left of those removed. */
  erase(userId: string, signal: AbortSignal): Promise<void>;
  /** Best first, expired ones left out, [] when nothing fits. */
  search(query: IndexQuery, signal: AbortSignal): Promise<RankedMemory[]>;
  /** A memory by its id alone, which nobody can guess; null when there is none. For changes while the provider is down. */
  find(id: string, signal: AbortSignal): Promise<Memory | null>;
  /** The stored memory most like this one by sentence vector; the guard's near-duplicate check. */
  nearest(
    userId: string,
    embedding: Embedding,
    scope: SearchFilter,
    signal: AbortSignal,
  ): Promise<{ memory: Memory; cosine: number } | null>;
  /** Marks of the person's points by memory id: of all of them, or of those that are named and there. */
  marks(userId: string, ids: string[] | 'all', signal: AbortSignal): Promise<Map<string, PointMark>>;
  /** Everybody who has points. */
  people(signal: AbortSignal): Promise<string[]>;
  /** Whether calls go through, where calls leave the process. */
  circuit?(): CircuitName;
  /** At most `limit` memories of a type that were said before a time, the oldest first, whosever they are: for retention. */
  olderThan(type: string, before: Date, limit: number, signal: AbortSignal): Promise<{ id: string; userId: string }[]>;
  /** How many memories there are of each type, over all people. */
  countByType(signal: AbortSignal): Promise<Record<string, number>>;
}
