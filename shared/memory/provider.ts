import type { CircuitName } from '../resilience/policy';
import type { Memory, MemoryEvent, Metadata, Page, PageRequest, PersonSummary } from './memory';

/** One thing somebody said. */
export interface Utterance {
  role: 'user' | 'assistant' | 'system';
  name: string | null;
  content: string;
  at: Date | null;
}

/**
 * A write as the outbox keeps it. `operationId` is the write's identity: a provider that is sent the same operation
 * twice stores it once, or can be asked by `find` what became of the first attempt.
 */
export interface NewMemory {
  operationId: string;
  userId: string;
  utterances: Utterance[];
  type: string;
  /** Labelled on the way to the provider, so that accepting a write waits for no model. */
  topic: string | null;
  tags: string[];
  metadata: Metadata;
  sessionId: string | null;
  at: Date;
  expiresAt: Date | null;
  /** false: keep the words as they are. true: keep the facts in them. */
  infer: boolean;
  /** The newer memory that contradicts it, of one that is made anew. */
  supersededBy?: string | null;
}

export interface MemoryChange {
  text?: string;
  metadata?: Metadata;
  expiresAt?: Date | null;
  /** The newer memory that contradicts it; null: none after all. */
  supersededBy?: string | null;
}

/**
 * What the provider made of an add. `stored` with no memories means: nothing in it was worth keeping. `pending`: it is at work on it,
 * or, where there is no event to ask about, an attempt may still be on its way.
 */
export type AddReceipt = { status: 'stored'; memories: Memory[] } | { status: 'pending'; eventId: string | null };

/** An attempt at an add, as the outbox remembers it. */
export interface Attempt {
  sentAt: Date;
  /** Until when it may still reach the provider, or show there. */
  arrivesUntil: Date;
  /** What the provider gave us to ask by. */
  eventId: string | null;
}

export type ProviderErrorCode = 'timeout' | 'unavailable' | 'rate_limited' | 'refused' | 'quota';

/**
 * An upstream failure, made by a gateway and by nothing else. `retryable`: the same call may succeed later.
 * `outcomeUnknown`: the call may have taken effect, so look before sending it again.
 */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  constructor(
    readonly provider: string,
    readonly code: ProviderErrorCode,
    readonly options: {
      retryable: boolean;
      outcomeUnknown: boolean;
      retryAfterMs?: number;
      /** Of several adds, those that were stored before this went wrong, from the first one on. */
      receipts?: AddReceipt[];
      cause?: unknown;
    },
  ) {
    super(`${provider}: ${code}`, { cause: options.cause });
  }
}

/** Narrows a list of memories. */
export interface ListFilter {
  type?: string;
  /** Those changed then or later, by the provider's clock. */
  changedSince?: Date;
  /** With what the provider does not show by itself: the expired and the replaced. */
  includeHidden?: boolean;
}

/** Somebody whose memories changed, and when, by the provider's clock. */
export interface PersonChange {
  userId: string;
  changedAt: Date;
}

/**
 * The truth about what is remembered. Every method rejects with `ProviderError` on an upstream failure and with
 * nothing else; what is not there is null or an empty page, never an error.
 */
export interface MemoryProvider {
  readonly name: 'local' | 'mem0' | 'zep';
  add(memory: NewMemory, signal: AbortSignal): Promise<AddReceipt>;
  /** Several adds, in their order; only where that costs less than one by one. One that fails leaves those before it stored, or none. */
  addAll?(memories: NewMemory[], signal: AbortSignal): Promise<AddReceipt[]>;
  /**
   * What became of an add whose outcome is unknown. `failed`: the provider took it and gave it up. null: it never saw it, and no
   * attempt can reach it any more.
   */
  find(
    userId: string,
    operationId: string,
    attempt: Attempt,
    signal: AbortSignal,
  ): Promise<AddReceipt | { status: 'failed' } | null>;
  get(id: string, signal: AbortSignal): Promise<Memory | null>;
  /** The changed memory, or null when there is none of that id. */
  update(id: string, change: MemoryChange, signal: AbortSignal): Promise<Memory | null>;
  /** Whether there was one to delete. */
  delete(id: string, signal: AbortSignal): Promise<boolean>;
  /** Takes the words out of the history of a memory that is gone, where the history outlives it. */
  forget?(id: string, signal: AbortSignal): Promise<void>;
  /** One person's memories, newest first. */
  list(userId: string, page: PageRequest & ListFilter, signal: AbortSignal): Promise<Page<Memory>>;
  /** The provider's own search, best first: the second rung when the index cannot be reached. */
  search(userId: string, query: string, limit: number, signal: AbortSignal): Promise<Memory[]>;
  history(id: string, signal: AbortSignal): Promise<MemoryEvent[]>;
  users(page: PageRequest, signal: AbortSignal): Promise<Page<PersonSummary>>;
  /** People whose memories changed at `since` or later; everybody where it is null. */
  changedPeople(since: Date | null, page: PageRequest, signal: AbortSignal): Promise<Page<PersonChange>>;
  /** Whether calls go through, where calls leave the process. */
  circuit?(): CircuitName;
  /** Which of two providers that stand as one keeps this person. Never rejects. */
  homeOf?(userId: string): Promise<MemoryProvider['name']>;
}

/** Where this person's memories are. */
export const keeperOf = async (provider: MemoryProvider, userId: string): Promise<MemoryProvider['name']> =>
  (await provider.homeOf?.(userId)) ?? provider.name;
