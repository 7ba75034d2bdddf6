import { EmbeddingError } from '../embedding/embedder';
import type { Deadline } from '../resilience/deadline';
import { IndexError } from '../search/index';
import type { MemoryState } from './memory-contract';
import { ProviderError } from './provider';

/** Reads leave this much of the request's budget for the answer itself, and take no more than the longest: time for a cold start's model, too. */
const answerMs = 200;
const longestReadMs = 5_000;

export function readBudget(deadline: Deadline): Deadline {
  const left = deadline.remainingMs();
  return deadline.within(Math.min(longestReadMs, left - Math.min(answerMs, left / 4)));
}

/** The lag is for the service to add: it is the same for all that is read. */
export const toMemoryState = (source: MemoryState['source'], reason: string | null, asOf: Date): MemoryState => ({
  source,
  degraded: reason !== null,
  reason,
  asOf,
  syncLagSeconds: null,
});

/** A code for what went wrong: `index_timeout`, `provider_unavailable`, `embedding_failed`. Throws what is neither a vendor's failure nor a deadline. */
export function reasonOf(error: unknown, rung: 'index' | 'provider'): string {
  if (error instanceof ProviderError) return `provider_${error.code}`;
  if (error instanceof IndexError) return error.code === 'timeout' ? 'index_timeout' : 'index_unreachable';
  if (error instanceof EmbeddingError) return 'embedding_failed';
  if (error instanceof DOMException) return `${rung}_timeout`;
  throw error;
}
