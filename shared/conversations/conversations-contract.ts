import type { MemoryState } from '../memory/memory-contract';
import type { Metadata } from '../memory/memory';
import type { Deadline } from '../resilience/deadline';

/** Who is on the phone, as the caller of the API knows them. All of it may be missing: then the session is the person. */
export interface CallerHints {
  id?: string;
  name?: string;
  /** Of any spelling with its country code. */
  phone?: string;
}

/** One thing said in a call. */
export interface Said {
  role: 'user' | 'assistant';
  content: string;
  at?: Date;
}

export interface ConversationRequest {
  sessionId: string;
  callId?: string;
  user: CallerHints;
  /** In order. A `query` with its `answer` is two of them. */
  said: Said[];
  tags: string[];
  metadata: Metadata;
}

/** A question and its answer, as they are kept. */
export interface Exchange {
  /** `mem_YYYYMMDD_HHMMSS_ffffff` with a suffix; sorts by time. */
  id: string;
  operationId: string;
  userId: string;
  sessionId: string;
  callId: string | null;
  query: string;
  answer: string;
  tags: string[];
  metadata: Metadata;
  at: Date;
  /** The provider's memory; null until it has one. */
  memoryId: string | null;
  topic: string | null;
}

/** `fallback`: durable in Postgres, readable at once, sent to the provider by a later tick. */
export type Storage = 'mem0' | 'zep' | 'local' | 'fallback';

export interface StoredConversation {
  success: true;
  /** Of the first exchange; valid whatever the provider calls its memory. */
  memoryId: string;
  memoryIds: string[];
  /** The provider's id; null while it has none. */
  mem0Id: string | null;
  storage: Storage;
  message: string;
  /** How many pieces were masked before storage, by kind; absent where none was. */
  redacted?: Record<string, number>;
}

/** One caller's exchanges. */
export interface CallerMemories {
  success: true;
  /** Newest first. */
  memories: Exchange[];
  count: number;
  /** The phone in E.164, else the name as it was said, else the person's id; null for nobody. */
  userIdentifier: string | null;
  source: Storage;
  /** People whose name is like the one asked for, each with their own exchanges; never merged. Only where a name was asked for and more than one fits. */
  matches?: { userId: string; name: string; similarity: number; memories: Exchange[]; count: number }[];
  memory: MemoryState;
}

export type CallerQuery = { phone: string } | { name: string } | { sessionId: string };

/** What calls leave behind. Rejects with ProblemError 400 for a phone that cannot be one, and 503 when nothing could be kept. */
export interface Conversations {
  store(request: ConversationRequest, deadline: Deadline): Promise<StoredConversation>;
  /** Each on its own: one that fails leaves the others. The order is the requests'. */
  storeAll(
    requests: ConversationRequest[],
    deadline: Deadline,
  ): Promise<(StoredConversation | { success: false; status: number; message: string })[]>;
  /** The last ones; null memories never: where the database cannot be reached, the provider is asked. */
  find(query: CallerQuery, limit: number, deadline: Deadline): Promise<CallerMemories>;
}
