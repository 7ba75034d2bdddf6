import type { Counts } from '../redaction/redact';
import type { Deadline } from '../resilience/deadline';
import type { ContextPack } from '../search/context-pack';
import type { SearchFilter } from '../search/index';
import type { RankedMemory } from '../search/ranking';
import type { Memory, MemoryEvent, Metadata, Page, PageRequest, PersonSummary } from './memory';
import type { MemoryChange, Utterance } from './provider';

/** How what was read came about: goes out with every read. */
export interface MemoryState {
  source: 'index' | 'provider' | 'outbox' | 'none';
  degraded: boolean;
  /** Why it is degraded, as a code such as `index_unreachable` or `provider_timeout`. */
  reason: string | null;
  /** When the source said so; up to 300 s ago where it is a provider whose answer was at hand. */
  asOf: Date;
  /** How long ago the index was last brought up to the provider, see sync/freshness.ts; null where that is not known. */
  syncLagSeconds: number | null;
}

/** A value that was read, or null when nobody who knows could be reached. null is not []. */
export interface Read<T> {
  value: T | null;
  memory: MemoryState;
}

export interface AddRequest {
  userId: string;
  utterances: Utterance[];
  sessionId?: string;
  type?: string;
  tags?: string[];
  metadata?: Metadata;
  /** Default true: keep the facts in it. false: keep the words as they are. Context of ours that comes back in it is cut out either way. */
  infer?: boolean;
  /** The channel's id of this message: the same one again gets the first answer and stores nothing. */
  messageId?: string;
  at?: Date;
  expiresAt?: Date;
  /** How long to wait for the provider to take it, 1.5 s unless told, and as long for the index to show it where that is not so. */
  waitMs?: number;
}

/**
 * `stored`: in the provider. `pending`: the provider works on it. `queued`: durable in the outbox, sent on a later tick.
 * `skipped`: nothing to store, `reason` says why.
 */
export interface AddResult {
  status: 'stored' | 'pending' | 'queued' | 'skipped';
  memoryId: string | null;
  memoryIds: string[];
  storage: 'local' | 'mem0' | 'zep' | 'outbox';
  reason?: string;
  /** How many pieces of it were masked before it was stored, by kind; absent where none was. */
  redacted?: Counts;
}

export interface RecallRequest {
  userId: string;
  query: string;
  limit: number;
  filter?: SearchFilter;
  /** Results scoring less are left out. */
  minScore?: number;
  /** Asks for a context pack of at most so many tokens. */
  maxTokens?: number;
}

export interface Recall extends Read<RankedMemory[]> {
  /** Present where `maxTokens` was given and something was found. */
  context?: ContextPack;
  /** By rung of the ladder; `embed` is a part of `index`. */
  timingsMs: Record<string, number>;
}

/** What doors and chat see of memory. Only programming errors and `ProblemError` are thrown; vendors' failures come back as null or `queued`. */
export interface MemoryService {
  /** Throws ProblemError 503 when neither provider nor outbox could take it: then nothing was accepted. */
  add(request: AddRequest, deadline: Deadline): Promise<AddResult>;
  /**
   * From the index, else the provider, else what waits in the outbox, which is not all that is known: then, and at the provider,
   * `memory` is degraded. null where none of them has an answer. Takes at most 5 s.
   */
  recall(request: RecallRequest, deadline: Deadline): Promise<Recall>;
  list(userId: string, page: PageRequest & { type?: string }, deadline: Deadline): Promise<Read<Page<Memory>>>;
  /** value.found is null where there is no such memory. */
  get(id: string, deadline: Deadline): Promise<Read<{ found: Memory | null }>>;
  update(id: string, change: MemoryChange, deadline: Deadline): Promise<WriteResult>;
  delete(id: string, deadline: Deadline): Promise<WriteResult>;
  history(id: string, deadline: Deadline): Promise<Read<MemoryEvent[]>>;
  users(page: PageRequest, deadline: Deadline): Promise<Read<Page<PersonSummary>>>;
}

/** `missing`: there is no such memory. `memory` is what it is now, where that is known. */
export interface WriteResult {
  status: 'stored' | 'queued' | 'missing';
  memory: Memory | null;
  /** As with an add. */
  redacted?: Counts;
}
