import type { FieldError } from '../http/problem';
import type { Metadata } from '../memory/memory';
import type { MemoryState } from '../memory/memory-contract';
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

/** An exchange as it is remembered, and as callers see it. */
export const toContent = ({ query, answer }: Pick<Exchange, 'query' | 'answer'>): string =>
  [query && `User: ${query}`, answer && `Agent: ${answer}`].filter((line) => line !== '').join('\n');

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

/** What became of one conversation of several; `status` is what it would have been answered with alone. */
export type BulkResult =
  | StoredConversation
  | { success: false; status: number; message: string; errors?: FieldError[] };

/** Somebody whose name is like the one asked for, with their own exchanges. */
export interface CallerMatch {
  userId: string;
  name: string;
  /** 0 to 1, see names.ts. */
  similarity: number;
  memories: Exchange[];
  count: number;
}

/** One caller's exchanges. */
export interface CallerMemories {
  /** Whether they could be read. */
  success: boolean;
  /** Newest first; null where the database cannot be reached. */
  memories: Exchange[] | null;
  count: number;
  /** The phone in E.164, the name as it is known, or the id of who spoke last in the session; null for nobody. */
  userIdentifier: string | null;
  /** `fallback` where the provider has not all of them yet. */
  source: Storage;
  /** Those whose name is like the one asked for, most alike first, never merged; only where a name was asked for that is not one person's exactly. */
  matches?: CallerMatch[];
  memory: MemoryState;
}

export type CallerQuery = { phone: string } | { name: string } | { sessionId: string };

/** What calls leave behind. Rejects with ProblemError 400 for a phone that cannot be one, and 503 when nothing could be kept. */
export interface Conversations {
  store(request: ConversationRequest, deadline: Deadline): Promise<StoredConversation>;
  /** Each on its own: one that fails leaves the others. The order is the requests'. */
  storeAll(requests: ConversationRequest[], deadline: Deadline): Promise<BulkResult[]>;
  /** The last ones, out of the database: the provider may be down. */
  find(query: CallerQuery, limit: number, deadline: Deadline): Promise<CallerMemories>;
  /** Resolves once nothing is sent any more. */
  idle(): Promise<void>;
}
