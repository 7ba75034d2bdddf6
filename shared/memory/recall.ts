import { type Embedder, EmbeddingError } from '../embedding/embedder';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { createContextPack } from '../search/context-pack';
import { IndexError, type SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import type { RankedMemory } from '../search/ranking';
import { describeError, type Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import type { MemoryService, MemoryState, Read, RecallRequest } from './memory-contract';
import { type MemoryProvider, ProviderError } from './provider';

export interface RecallDependencies {
  provider: MemoryProvider;
  index: SearchIndex;
  embedder: Embedder;
  points: PointBuilder;
  statistics: Statistics;
  logger: Logger;
  now: () => Date;
}

/** Reads leave this much of the request's budget for the answer itself. */
const answerMs = 200;
/** The index's share of a recall's budget; the rest is the provider's. */
const indexShare = 0.7;

export const readBudget = (deadline: Deadline): Deadline =>
  deadline.within(deadline.remainingMs() - Math.min(answerMs, deadline.remainingMs() / 4));

/** What a person's memories say about a query; see `MemoryService.recall`. */
export function createRecall(dependencies: RecallDependencies): MemoryService['recall'] {
  const { provider, index, embedder, points, statistics, logger, now } = dependencies;
  const stateOf = (source: MemoryState['source'], reason: string | null) => toMemoryState(source, reason, now());

  const fromIndex = async (
    request: RecallRequest,
    deadline: Deadline,
    timingsMs: Record<string, number>,
  ): Promise<RankedMemory[]> => {
    const { userId, query, limit, filter = {} } = request;
    const started = performance.now();
    const indexQuery = await points.toQuery({ userId, text: query, filter, limit, now: now() });
    timingsMs.embed = elapsed(started);
    const searched = performance.now();
    const results = await index.search(indexQuery, deadline.signal);
    timingsMs.index = elapsed(searched);
    return results;
  };

  const fromProvider = async (
    { userId, query, limit }: RecallRequest,
    { signal }: Deadline,
  ): Promise<RankedMemory[]> => {
    const memories = await provider.search(userId, query, limit, signal);
    // Providers' scores cannot be compared with ours: what counts is the order.
    return memories.map((memory, i) => ({
      memory,
      score: 1 / (i + 1),
      breakdown: { lexical: 0, late: 0 },
      provisional: false,
    }));
  };

  /** Index, then provider, then null, all inside one budget of which the index may take most. */
  const climb = async (
    request: RecallRequest,
    deadline: Deadline,
    timingsMs: Record<string, number>,
  ): Promise<Read<RankedMemory[]>> => {
    const budget = readBudget(deadline);
    const rung = budget.within(budget.remainingMs() * indexShare);
    try {
      const value = await raceSignal(fromIndex(request, rung, timingsMs), rung.signal);
      return { value, memory: stateOf('index', null) };
    } catch (error) {
      const reason = reasonOf(error, 'index');
      logger.warn('index passed over', { reason, ...describeError(error) });
      statistics.count('fallback.provider');
      try {
        const value = await raceSignal(fromProvider(request, budget), budget.signal);
        return { value, memory: stateOf('provider', reason) };
      } catch (providerError) {
        statistics.count('fallback.none');
        logger.warn('provider passed over', describeError(providerError));
        return { value: null, memory: stateOf('none', reasonOf(providerError, 'provider')) };
      }
    }
  };

  return async (request, deadline) => {
    const started = performance.now();
    const timingsMs: Record<string, number> = {};
    const { value, memory } = await climb(request, deadline, timingsMs);
    const { minScore = Number.NEGATIVE_INFINITY, maxTokens } = request;
    const results = value?.filter(({ score }) => score >= minScore) ?? null;
    const context =
      maxTokens && results ? await createContextPack(results, maxTokens, embedder).catch(() => undefined) : undefined;
    timingsMs.total = elapsed(started);
    statistics.observe('recall', timingsMs.total);
    return { value: results, memory, timingsMs, ...(context && { context }) };
  };
}

export const toMemoryState = (source: MemoryState['source'], reason: string | null, asOf: Date): MemoryState => ({
  source,
  degraded: reason !== null,
  reason,
  asOf,
});

const elapsed = (since: number) => Math.round((performance.now() - since) * 100) / 100;

/** A code for what went wrong: `index_timeout`, `provider_unavailable`, `embedding_failed`. Throws what is neither a vendor's failure nor a deadline. */
export function reasonOf(error: unknown, rung: 'index' | 'provider'): string {
  if (error instanceof ProviderError) return `provider_${error.code}`;
  if (error instanceof IndexError) return error.code === 'timeout' ? 'index_timeout' : 'index_unreachable';
  if (error instanceof EmbeddingError) return 'embedding_failed';
  if (error instanceof DOMException) return `${rung}_timeout`;
  throw error;
}
